"""Methods are found by file name, and listing them imports nothing."""

import importlib
import subprocess
import sys

import pytest

from foveate.attention.attention import Attention
from foveate.attention.cbam import CBAM
from foveate.discover import classes, method, names, recipe
from foveate.distill.distiller import Distiller
from foveate.errors import RecipeError
from foveate.heads.arcface import ArcFace
from foveate.heads.head import Head
from foveate.recipes.askd import askd


def test_names_are_the_files_of_a_room_sorted():
    assert {"askd", "askd_kd", "base", "teacher"} <= set(names("recipes"))
    assert list(names("heads")) == sorted(names("heads"))
    assert not any(name.startswith("_") for name in names("heads"))


def test_classes_are_the_final_subclasses_by_file_name():
    heads = classes("heads", Head)
    assert heads["arcface"] is ArcFace
    assert "head" not in heads
    assert all(issubclass(kind, Head) and kind.__module__ == f"foveate.heads.{name}" for name, kind in heads.items())


def test_classes_of_another_kind_are_left_out():
    assert classes("heads", Distiller) == {}


def test_a_method_is_found_by_name():
    assert method("attention", "cbam", Attention) is CBAM


@pytest.mark.parametrize("name", ["cbm", "attention", "os", "../heads/head", ""])
def test_an_unknown_method_is_refused_with_the_names_there_are(name):
    with pytest.raises(RecipeError, match=r"Choose from: .*cbam.*se"):
        method("attention", name, Attention)


@pytest.fixture
def room(tmp_path, monkeypatch):
    """Puts a file into a room of the package, for one test."""

    def room(name, source):
        (tmp_path / "made.py").write_text(source)
        package = importlib.import_module(f"foveate.{name}")
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
        monkeypatch.setattr("foveate.discover.names", lambda _room: ("made",))
        monkeypatch.delitem(sys.modules, f"foveate.{name}.made", raising=False)

    return room


def test_a_class_that_would_be_passed_over_is_an_error(room):
    room("heads", "from foveate.heads.softmax import Head\n\nclass Mine(Head):\n    def logits(self, *_): ...\n")
    with pytest.raises(RecipeError, match=r"made\.py: the class Mine is not final.*typing\.final"):
        classes("heads", Head)


def test_a_recipe_called_otherwise_than_its_file_is_an_error(room):
    room("recipes", "def mine(task): ...\n")
    with pytest.raises(RecipeError, match=r"made\.py: there is no function made"):
        recipe("made")


def test_a_recipe_is_the_function_of_its_files_name():
    assert recipe("askd") is askd


@pytest.mark.parametrize("name", ["aksd", "..heads.head", "", "__init__"])
def test_an_unknown_recipe_is_refused_with_the_names_there_are(name):
    with pytest.raises(RecipeError, match=r"Choose from: .*askd.*teacher"):
        recipe(name)


def test_listing_names_imports_neither_them_nor_torch():
    code = (
        "import sys; from foveate.discover import names; assert 'askd' in names('recipes');"
        "assert not [name for name in sys.modules if name.startswith(('torch', 'foveate.recipes'))]"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
