"""A new method is new files and no edited line: the command line, the docs page and the contract tests find it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

DISTILLER = '''
"""Embeddings: the mean squared distance of the two embeddings (an example of a new method).

Legend: B faces, D embedding size.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.trace import Trace


@final
class NearEmbeddings(Distiller):
    """The student's embeddings shall be the teacher's."""

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        return F.mse_loss(student.embedding, teacher.embedding)
'''

RECIPE = '''
"""The recipe of the example."""

from foveate.distill.mine import NearEmbeddings
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.objective import Weighted
from foveate.student import TaughtStudent


def mine(task: FaceTask, student: TaughtStudent, *, weight: float = 1.0) -> Experiment:
    """Train a student whose embeddings shall be its teacher's.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the distillation loss.
    """
    return student.taught(task, {"mine": Weighted(NearEmbeddings(), weight)})
'''

SCRIPT = """
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

passed = pytest.main(["tests/contracts/test_distillers.py", "-k", "mine", "-vv"])
found = pytest.main(["tests/contracts/test_recipes.py", "-k", "mine", "-vv", "--setup-plan"])

from foveate.cli import main

for name, arguments in {"list.json": "list --json", "page.md": "list --markdown", "help": "train --help"}.items():
    with Path(name).open("w") as file, redirect_stdout(file):
        assert main(arguments.split()) == 0
sys.exit(passed or found)
"""


def test_two_new_files_appear_in_the_list_the_docs_page_and_the_contract_tests(tmp_path):
    kept = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "foveate", tmp_path / "foveate", ignore=kept)
    shutil.copytree(ROOT / "tests/contracts", tmp_path / "tests/contracts", ignore=kept)
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "tests")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "foveate/distill/mine.py").write_text(DISTILLER.lstrip())
    (tmp_path / "foveate/recipes/mine.py").write_text(RECIPE.lstrip())
    environment = {**os.environ, "PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SCRIPT]
    ended = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    listed = json.loads((tmp_path / "list.json").read_text())
    assert listed["distill"]["mine"].startswith("Embeddings: the mean squared distance")
    assert listed["recipes"]["mine"] == "Train a student whose embeddings shall be its teacher's."
    page = (tmp_path / "page.md").read_text()
    assert "- **mine** (`foveate/distill/mine.py`): Embeddings: the mean squared distance" in page
    assert "#### mine" in page
    assert "foveate train mine --data DATA" in page
    assert "| `--weight` | 1 | of the distillation loss. |" in page
    (recipes,) = [line for line in (tmp_path / "help").read_text().splitlines() if line.startswith("Recipes: ")]
    assert {"askd", "base", "mine", "teacher"} <= set(recipes.removeprefix("Recipes: ").split(", "))
    for contract in ("test_distillers.py::test_the_loss_is_a_finite_scalar", "test_recipes.py::test_"):
        lines = [line for line in ended.stdout.splitlines() if contract in line]
        assert lines, f"no test like {contract} found it"
        assert all("[mine" in line for line in lines)


def test_the_docs_page_is_the_one_the_command_makes(run):
    assert (ROOT / "docs/methods.md").read_text() == run("list", "--markdown").out
