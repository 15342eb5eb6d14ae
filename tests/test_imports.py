"""Imports go one way, from the command line down to the errors, and a few things are never imported at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import foveate

LAYERS = (
    ("", "errors"),
    ("chance", "files", "blueprint", "taps", "precision", "memory", "discover", "distributed"),
    ("data", "model_file"),
    ("checkpoint",),
    ("degrade", "attention", "heads", "distill"),
    ("views",),
    ("cropped_views",),
    ("photo_views", "scene_views"),
    ("backbones",),
    ("detect",),
    ("align",),
    ("fold", "weights"),
    ("teacher",),
    ("cached_teacher",),
    ("objective",),
    ("flops",),
    ("evaluate",),
    ("doctor",),
    ("prepare",),
    ("schedule", "run"),
    ("scale",),
    ("photo_scale", "detection_scale"),
    ("log",),
    ("experiment",),
    ("cache", "run_card"),
    ("teaching", "trainee"),
    ("train",),
    ("task",),
    ("face_task", "photo_task", "detection_task"),
    ("student",),
    ("recipes",),
    ("study",),
    ("studies", "search"),
    ("bench",),
    ("cluster",),
    ("job",),
    ("plan",),
    ("plots",),
    ("report",),
    ("commands",),
    ("cli",),
    ("__main__",),
)
"""Rooms of the house, lowest first; "" is the package itself. A room imports from itself and from lower layers only."""

LEAVES = {"plots": {"plots"}, "report": {"", "errors", "files", "evaluate", "plots", "report"}}
"""Rooms that read results only, and all they may import; nobody but themselves and the commands imports them."""

LOADERS = ("load", "loads", "Unpickler")
"""What of the module ``pickle`` runs code that a file holds."""

ROOT = Path(foveate.__file__).parent
SOURCES = {path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted(ROOT.rglob("*.py"))}
LEVEL = {room: level for level, rooms in enumerate(LAYERS) for room in rooms}


def room_of(module: str) -> str:
    """The first part of a module's name inside the package: ``foveate.data.lfw`` is in ``data``."""
    return [*module.split("."), ""][1]


def imported(source: str) -> Iterator[str]:
    """Full names of the modules a file imports, wherever in the file it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (item.name for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            # "from foveate import data" names a room behind the word import.
            rooms = [f"foveate.{item.name}" for item in node.names if item.name in LEVEL]
            yield from rooms if module == "foveate" and rooms else [module]


def violations(path: str, source: str) -> list[str]:
    """What a file of the package imports against the rules."""
    here = Path(path).parts[0].removesuffix(".py").removeprefix("__init__")
    found = []
    for module in imported(source):
        if module.startswith("."):
            found.append(f"{path} imports {module} relatively")
        if module.split(".")[0] != "foveate":
            continue
        there = room_of(module)
        unknown = {here, there} - LEVEL.keys()
        if unknown:
            found.append(f"say in LAYERS where {' and '.join(unknown)} stands")
        elif here != there and LEVEL[there] >= LEVEL[here]:
            found.append(f"{path} imports {module}, which stands above it or beside it")
        elif here in LEAVES and there not in LEAVES[here]:
            found.append(f"{path} imports {module}, but {here} reads results only")
        elif there in LEAVES and here not in {*LEAVES, "commands"}:
            found.append(f"{path} imports {module}, which is for the commands alone")
    return found


@pytest.mark.parametrize("path", SOURCES)
def test_imports_go_one_way(path):
    assert violations(path, SOURCES[path]) == []


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("heads/arcface.py", "from foveate.views import FaceViews"),
        ("heads/arcface.py", "from foveate.distill.askd import kind_of"),
        ("heads/arcface.py", "import foveate.train"),
        ("heads/arcface.py", "from foveate import objective"),
        ("heads/arcface.py", "def f():\n    from foveate.cli import main"),
        ("heads/arcface.py", "from .head import Head"),
        ("data/lfw.py", "if TYPE_CHECKING:\n    from foveate.evaluate.roc import Roc"),
        ("errors.py", "from foveate.files import finite"),
        ("train.py", "from foveate.report.report import report"),
        ("cli.py", "from foveate.plots.theme import colours"),
        ("plots/curves.py", "from foveate.evaluate.roc import Roc"),
        ("report/report.py", "from foveate.train import train"),
        ("heads/arcface.py", "from foveate.helpers import thing"),
        ("helpers.py", "from foveate.errors import DataError"),
    ],
)
def test_an_import_against_the_rules_is_found(path, source):
    assert len(violations(path, source)) == 1


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("heads/arcface.py", "from foveate.heads.head import Head\nfrom foveate.blueprint import Recorded"),
        ("train.py", "from foveate import __version__\nimport torch"),
        ("commands/report.py", "from foveate.report.report import report"),
        ("report/summary.py", "from foveate.evaluate.bootstrap import interval\nfrom foveate.plots import theme"),
        ("__init__.py", "import torch"),
    ],
)
def test_an_import_within_the_rules_is_not(path, source):
    assert violations(path, source) == []


def test_every_room_stands_somewhere():
    rooms = {Path(path).parts[0].removesuffix(".py").removeprefix("__init__") for path in SOURCES}
    assert rooms <= LEVEL.keys(), "say in LAYERS where it stands"


def test_there_is_no_utils():
    assert not [path for path in SOURCES if {"utils", "util", "helpers", "misc", "common"} & {*Path(path[:-3]).parts}]


@pytest.mark.parametrize("path", SOURCES)
def test_mxnet_and_tests_are_never_imported(path):
    assert not {"mxnet", "tests", "pytest"} & {module.split(".")[0] for module in imported(SOURCES[path])}


def loads_objects(source: str) -> list[str]:
    """Imports and calls with which a file could build objects from a pickle."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "pickle":
            found += [item.name for item in node.names if item.name in LOADERS]
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            found += [name] if name.removeprefix("pickle.") in LOADERS and name.startswith("pickle.") else []
            words = {str(word.arg): ast.unparse(word.value) for word in node.keywords}
            found += [name] if words.get("allow_pickle", "False") != "False" else []
            found += [name] if name == "torch.load" and words.get("weights_only") != "True" else []
    return found


@pytest.mark.parametrize("path", SOURCES)
def test_no_object_is_ever_unpickled(path):
    assert loads_objects(SOURCES[path]) == []


@pytest.mark.parametrize(
    "source",
    [
        "pickle.load(file)",
        "x = pickle.loads(b'')",
        "from pickle import load",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
        "torch.load(path, weights_only=safe)",
    ],
)
def test_unpickling_is_found(source):
    assert len(loads_objects(source)) == 1


@pytest.mark.parametrize("path", [path for path in SOURCES if path.endswith("/__init__.py")])
def test_the_rooms_export_nothing(path):
    assert SOURCES[path].strip() == ""
