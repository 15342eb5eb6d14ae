"""Damaged files are refused with a typed error; nothing else happens, and soon. ``run.py`` runs the same for long."""

import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.formats import TARGETS
from fuzz.guard import SECONDS, Escaped, Guard
from fuzz.mutate import mutated

EACH = 150


@pytest.fixture(scope="module")
def guard(tmp_path_factory):
    return Guard(tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("name", sorted(TARGETS))
def test_damaged_files_are_refused_or_read(name, guard, tmp_path):
    target = TARGETS[name]
    target.make(tmp_path)
    file = tmp_path / target.file
    valid = file.read_bytes()
    target.read(tmp_path)  # what is whole is read
    refused = 0
    for seed in range(EACH):
        file.write_bytes(mutated(valid, seed))
        refused += guard.refused(target.read, tmp_path)
    assert refused > 0, "not one damaged file was refused: does the target read its file?"


@pytest.mark.parametrize(
    "what",
    [
        lambda folder: subprocess.run([sys.executable, "-c", ""], check=False),
        lambda folder: Path("/tmp/foveate-escaped").write_bytes(b""),
        lambda folder: exec("1"),
        lambda folder: sum(range(int(3e7 * SECONDS))) and sum(range(int(2e8 * SECONDS))),
    ],
    ids=["a process", "a file elsewhere", "code", "time"],
)
def test_what_no_input_may_bring_about_is_seen(what, guard, tmp_path):
    with pytest.raises(Escaped):
        guard.refused(what, tmp_path)
    assert not Path("/tmp/foveate-escaped").exists()
