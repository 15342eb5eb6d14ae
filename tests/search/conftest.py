"""What the tests of searches share: a search of two settings, and a stub in place of training."""

import sys

import pytest

from foveate.search.search import Search
from foveate.search.vary import Vary

TRAIN = """
import json, pathlib, sys, time
flags = dict(word[2:].split("=") for word in sys.argv if word.startswith("--") and "=" in word)
out = pathlib.Path(sys.argv[sys.argv.index("--out") + 1])
with out.joinpath("runs").open("a") as runs:
    runs.write("begun\\n")
tuned = "--tune" in sys.argv
if tuned and out.parent.joinpath("fails").exists() and out.name in out.parent.joinpath("fails").read_text():
    sys.exit("the loss is not finite")
while out.parent.joinpath("slow").exists():
    time.sleep(0.01)
weight = float(flags["weight"])
value = 1 / (1 + abs(weight - 5)) - 0.01 * (flags["kinds"] == "channel")
judged = {"set": "held-out faces" if tuned else "lfw", "authors": {"accuracy": 1 - value, "low": 0.1, "high": 0.9},
          "all_pairs": {"auc": value}}
evaluations = {judged["set"]: judged, "attention on it": {"spatial": {}}}
out.joinpath("results.json").write_text(json.dumps({"evaluations": evaluations, "cost": {"seconds": 1.0}}))
"""


@pytest.fixture
def launch(tmp_path_factory):
    """In place of foveate: a weight of 5 is best.

    Trials that the file OUT/fails names fail; while there is a file OUT/slow, none ends.
    """
    script = tmp_path_factory.mktemp("stub") / "train.py"
    script.write_text(TRAIN)
    return [sys.executable, str(script)]


@pytest.fixture
def search(tmp_path):
    vary = (Vary.read("weight=0.5:50:log"), Vary.read("kinds=both,channel"))
    return Search("askd", tmp_path / "out", vary, ("--data", "faces"), ("--epochs", "2"))
