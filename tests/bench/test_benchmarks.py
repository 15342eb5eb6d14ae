"""Every benchmark runs, writes a whole result, and the page of the documentation is made from the results there are."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from foveate.bench.page import QUESTIONS, page, read_results
from foveate.bench.question import ask
from foveate.errors import DataError

ROOT = Path(__file__).parents[2]
FILES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if path.stem != "page")
PROCESSES = {
    "ranks": {"STEPS": 6},
    "partial_fc": {"CLASSES": (40,)},
    "search": {"PROBES": 9, "GALLERY": 50, "PEOPLE": 7},
    "detection": {"PHOTOS": 4},
    "detector": {"SIDE": 128},
}
"""Benchmarks that compare ways of working with each other alone, and what makes them small."""

FEW = {"reading": {"IMAGES": 16, "SPARSE": (2**20, 2**32), "SPREAD": 10}}
"""What makes others small."""

NAMES = [name for name in FILES if name not in {*PROCESSES, "learning"}]
TINY = ["--repeats=1", "--batch=4", "--depth=18", "--width=4", "--stem-stride=2", "--classes=8"]


def _load(name):
    spec = importlib.util.spec_from_file_location(f"benchmark_{name}", ROOT / "benchmarks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(tmp_path_factory, limits):
    """Runs a benchmark at a tiny size, over limits nobody measured, when its result is first asked for."""
    out = tmp_path_factory.mktemp("results")

    def result(name):
        file = out / f"{name}.json"
        if not file.exists():
            module = _load(name)
            module.measure_limits = lambda device: limits
            vars(module).update(FEW.get(name, {}))
            assert ask(name, module.QUESTION, module.measure, [*TINY, f"--out={out}"]) == file
        return json.loads(file.read_text())

    return result


def test_there_is_a_benchmark_for_each_question_of_the_page():
    assert set(FILES) == set(QUESTIONS)


@pytest.mark.parametrize("name", NAMES)
def test_a_result_holds_machine_versions_date_medians_and_ranges(result, name):
    found = result(name)
    assert found["name"] == name
    assert found["question"].endswith("?")
    assert found["settings"]["batch"] == 4
    assert {"date", "machine", "versions", "limits", "durations", "ceilings"} <= found.keys()
    for durations in found["durations"].values():
        assert durations["least"] <= durations["median"] <= durations["most"]
        assert len(durations["seconds"]) == 1
    for item in found.get("ratios", []):
        slow, fast = (found["durations"][item[key]] for key in ("slow", "fast"))
        assert item["median"] == pytest.approx(fast["rate"] / slow["rate"])
    for item in found["ceilings"]:
        assert item["share"] == pytest.approx(item["rate"] / item["most"])


@pytest.mark.parametrize("name", PROCESSES)
def test_whole_processes_are_compared(name, tmp_path, monkeypatch):
    module = _load(name)
    for constant, value in PROCESSES[name].items():
        monkeypatch.setattr(module, constant, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Of large photos oneDNN 3.12 cannot train on fewer than 16 channels (uxlfoundation/oneDNN, issue 6035).
    flags = [flag.replace("--width=4", "--width=16") if name == "detector" else flag for flag in TINY]
    ask(name, module.QUESTION, module.measure, [*flags, f"--out={tmp_path}"])
    found = read_results(tmp_path)[name]
    for item in found["ratios"]:
        slow, fast = (found["durations"][item[key]] for key in ("slow", "fast"))
        assert item["median"] == pytest.approx(fast["rate"] / slow["rate"])
    assert f"## {module.QUESTION}" in page({name: found})
    if name == "partial_fc":
        assert set(found["share_of_memory"]) == {"40 classes, 10% of them"}
    if name == "detector":
        assert found["training_step"]["seconds"] > 0
        assert found["gflops"]["backbone"] < found["gflops"]["backbone and pyramid"] < found["gflops"]["whole network"]
        assert "TinaFace with ResNet-18, width 16;" in page({name: found})
    if name == "search":
        assert found["ranks"] == {"checked": 9, "equal_to_float64": 9}
        assert 0 <= found["mebibytes_above_vectors"] < 1024
        assert "9 of 9 ranks" in page({name: found})


def test_both_paths_learn_from_the_same_seeds(tmp_path, monkeypatch):
    module = _load("learning")
    for constant, value in {"PEOPLE": 12, "PICTURES": 4, "EPOCHS": 1, "TEST_PEOPLE": 20}.items():
        monkeypatch.setattr(module, constant, value)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    ask("learning", module.QUESTION, module.measure, [*TINY, "--repeats=2", f"--out={tmp_path}"])
    (found,) = read_results(tmp_path).values()
    assert found["steps"] == 12
    for item in found["agreements"]:
        plain, ours = (np.array(item["values"][path]) for path in ("plain", "ours"))
        assert item["spread"] == [plain.min(), plain.max()]
        assert item["inside_spread"]["ours"] == (plain.min() <= ours.mean() <= plain.max())
        assert {len(values) for values in item["values"].values()} == {2}
    loss = found["agreements"][0]["values"]
    np.testing.assert_allclose(loss["ours"], loss["plain"], rtol=0.3)  # the same faces from the same weights
    text = page({"learning": found})
    assert f"| plain | {loss['plain'][0]:.4f}, {loss['plain'][1]:.4f} |" in text


def test_the_plain_path_alone_runs_without_kept_memory(result):
    found = result("askd_step")
    plain = {"plain", "plain, process of its own", "plain, freed memory kept"}
    assert set(found["durations"]) == {*plain, "ours", "ours, preset paper", "ours, teacher cached"}
    assert found["ratios"][0]["target"] == 2.2
    (ceiling,) = found["ceilings"]
    assert ceiling["possible"]["ratio"] == pytest.approx(ceiling["most"] / found["durations"]["plain"]["rate"])


def test_a_record_file_s_size_costs_nothing(result):
    small, large = result("reading")["opened"]
    assert (small["bytes"], large["bytes"], large["images"]) == (2**20, 2**32, 10)
    assert large["seconds"] < 2
    assert large["mebibytes"] < 64


def test_the_profile_adds_up_to_the_whole(result):
    operators = result("matrix_rate")["profile"]
    assert sum(item["share"] for item in operators) == pytest.approx(1)
    assert any("conv" in item["operator"] for item in operators)
    shares = [item["share"] for item in operators if item["operator"] != "all others"]
    assert shares == sorted(shares, reverse=True)


def test_the_page_shows_every_result_and_what_is_missing(result, tmp_path):
    for name in NAMES:
        (tmp_path / f"{name}.json").write_text(json.dumps(result(name)))
    found = read_results(tmp_path)
    text = page(found)
    for result in found.values():
        assert f"## {result['question']}" in text
        assert all(f"| {name} |" in text for name in result["durations"])
    assert text.count("Not measured yet") == len(FILES) - len(NAMES)
    assert "at least 2.2" in text
    assert "at most 1.25" in text
    assert "bf16 matrix rate allows" in text
    assert "At the ceiling it would be" in text
    without = page({name: result for name, result in found.items() if name != "loading"})
    assert "Not measured yet: `python benchmarks/loading.py`" in without


def test_the_page_of_the_documentation_is_the_one_the_command_makes():
    assert (ROOT / "docs" / "speed.md").read_text() == page(read_results(ROOT / "benchmarks" / "results"))


@pytest.mark.parametrize("content", ["not json", "[]", '{"question": "?"}'])
def test_a_file_that_is_no_result_is_refused(tmp_path, content):
    (tmp_path / "askd_step.json").write_text(content)
    with pytest.raises(DataError, match=r"no result of a benchmark.*benchmarks/askd_step\.py"):
        read_results(tmp_path)
