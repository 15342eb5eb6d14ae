"""Recipes say how they are run, what they cost and what was found with them, as the results have it."""

import importlib.util
import json
from pathlib import Path

import pytest

from foveate.discover import names

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("recipe_numbers", ROOT / "results" / "recipes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("recipe", names("recipes"))
def test_docstrings_say_what_the_results_say(recipe, script):
    source = (script.RECIPES / f"{recipe}.py").read_text()
    assert script.told(source, recipe) == source, "run: python results/recipes.py"


def test_numbers_are_those_of_the_studies(script, tmp_path, monkeypatch):
    row = {"group": "8x", "seeds": [0, 1], "accuracy": {"mean": 0.8125}}
    gain = {"difference": {"mean": 0.0275}}
    rows = [
        {**row, "recipe": "base", "name": "base"},
        {**row, "recipe": "askd", "name": "askd", "paired": gain},
        {**row, "recipe": "askd", "name": "askd-spatial", "paired": gain},
    ]
    numbers = {"teacher": "teacher", "sets": [{"set": "lfw", "ceiling": {"accuracy": {"mean": 0.9}}, "rows": rows}]}
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces/table1-numbers.json").write_text(json.dumps(numbers))
    (tmp_path / "faces/work.json").write_text(json.dumps({"8x/askd": 0.35}))
    monkeypatch.setattr(script, "HERE", tmp_path)
    assert script.paragraph("askd") == (
        "``foveate train askd --data DATA --ratio R --teacher T``. 0.35 GFLOP a face in training at --scale small. "
        "Found (faces/table1.md in results): lfw 81.2 % at 8x (+2.8 over base, 2 seeds)."
    )
    assert script.paragraph("base").endswith("Found (faces/table1.md in results): lfw 81.2 % at 8x (2 seeds).")
    assert script.paragraph("teacher").endswith("lfw 90.0 %.")
    assert script.paragraph("kd").endswith("No study has run it yet.")


def test_a_paragraph_is_put_in_once(script, monkeypatch):
    monkeypatch.setattr(script, "paragraph", lambda recipe: f"``foveate train {recipe}`` costs nothing.")
    source = 'def mine(\n    task: Task,\n) -> Experiment:\n    """Do it.\n\n    Args:\n        task: of it.\n    """\n'
    once = script.told(source, "mine")
    assert once == source.replace("Do it.\n", "Do it.\n\n    ``foveate train mine`` costs nothing.\n")
    assert script.told(once, "mine") == once
