"""A callable in a process of its own runs there when it is asked to, and its failures arrive here."""

import os
from functools import partial
from pathlib import Path

import pytest

from foveate.bench.apart import Apart
from foveate.errors import TrainingError


def test_it_runs_there_once_a_call(tmp_path):
    with Apart(partial(_recorder, tmp_path / "calls")) as call:
        call()
        call()
        lines = (tmp_path / "calls").read_text().splitlines()
    assert len(lines) == 2
    assert set(lines) != {str(os.getpid())}
    assert not call._process.is_alive()


def test_a_failure_there_is_an_error_here():
    with pytest.raises(TrainingError, match="ZeroDivisionError"), Apart(_failing) as call:
        call()


def test_a_process_that_dies_is_noticed():
    with pytest.raises(TrainingError, match="ended with code 3"), Apart(_dying) as call:
        call()


def _recorder(file: Path):
    def record():
        with file.open("a") as opened:
            opened.write(f"{os.getpid()}\n")

    return record


def _failing():
    return lambda: 1 / 0


def _dying():
    return lambda: os._exit(3)
