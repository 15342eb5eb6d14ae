# Two commands: `make demo` and `make test`. Both set up .venv first if needed.

PYTHON ?= python3.11
# A CUDA machine may want another build; see the README.
TORCH ?= torch==2.14.1 torchvision==0.29.1
BIN := .venv/bin

.PHONY: demo test check docs setup clean
.DELETE_ON_ERROR:

# foveate demo: teacher, base and A-SKD student, ending in one HTML page. DATA=path takes real faces.
demo: .venv/ready
	$(BIN)/foveate demo $(if $(DATA),--data $(DATA) --out runs/demo-$(notdir $(abspath $(DATA))))

test: .venv/ready-dev check
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs: .venv/ready-dev
	$(BIN)/python results/recipes.py
	$(BIN)/foveate list --markdown > docs/methods.md

setup: .venv/ready-dev

# torch first and pinned, so that nothing below fetches another build of it.
.venv/torch:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(TORCH)
	touch $@

.venv/ready: .venv/torch pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

# facenet-pytorch carries the weights of MTCNN. It asks for an old torch, hence --no-deps; it is never imported.
.venv/ready-dev: .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev]"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps facenet-pytorch
	touch $@

clean:
	rm -rf .venv build dist *.egg-info
