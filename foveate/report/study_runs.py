"""The finished runs of a study, row by row, and what they say of a test set."""

import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate.errors import DataError
from foveate.files import array_name
from foveate.report.methods import inside
from foveate.report.reading import Recorded, read_run
from foveate.report.rows import estimate

COST: Final = ("seconds", "images_per_second")

WORK: Final = "work.json"
"""10^9 operations that a face costs in training, by recipe."""

Row = dict[str, Any]
Entries = Sequence[tuple[Any, dict[int, Recorded]]]
"""Rows of a study with their finished runs by seed."""


def read_study_file(file: Path) -> dict[str, Any]:
    """A json file of a study.

    Raises:
        DataError: it is missing or damaged.
    """
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise DataError(f"there is no study ({error})", file=file, remedy="Begin one with 'foveate study'.") from error


def read_work(folder: Path) -> dict[str, float]:
    """What ``WORK`` holds; nothing where it was not counted."""
    return read_study_file(folder / WORK) if (folder / WORK).is_file() else {}


def finished_runs(folder: Path, name: str, seeds: int) -> dict[int, Recorded]:
    """Finished runs of a row, by seed."""
    places = {seed: folder / f"{name}-{seed}" for seed in range(seeds)}
    return {seed: read_run(place) for seed, place in places.items() if (place / "results.json").is_file()}


def about(entry: Mapping[str, Any]) -> Row:
    """What a table says of a row beside its numbers."""
    return {key: entry[key] for key in ("group", "name", "label", "recipe", "published")}


def row_of(entry: Mapping[str, Any], found: dict[int, Recorded], work: Mapping[str, float]) -> Row:
    """What a table says of a row whatever it is judged on: its seeds, and what it cost."""
    runs = list(found.values())
    cost = {key: [inside(run.results, "cost", key) for run in runs] for key in COST}
    return {
        **about(entry),
        "seeds": sorted(found),
        "cost": {
            **{key: estimate(values)["mean"] for key, values in cost.items()},
            "gflops": work.get(f"{entry['group']}/{entry['name']}"),
        },
        "steps": inside(runs[0].results, "cost", "steps"),
    }


def sets_with(entries: Entries, key: str) -> list[str]:
    """Test sets whose results hold a key, in the order in which runs name them."""
    every = (run.results or {} for _, found in entries for run in found.values())
    return list(
        dict.fromkeys(name for results in every for name, value in results["evaluations"].items() if key in value)
    )


def judged_on(name: str, entries: Entries, teachers: dict[int, Recorded]) -> tuple[Entries, dict[int, Recorded]]:
    """The rows and teachers of which runs were judged on a set, with these runs alone."""

    def on(found: dict[int, Recorded]) -> dict[int, Recorded]:
        return {seed: run for seed, run in found.items() if answer_on(run, name)}

    return [(entry, on(found)) for entry, found in entries if on(found)], on(teachers)


def answer_on(run: Recorded, name: str) -> Any:
    """What the evaluation on a test set found; None if the run was not judged on it."""
    return inside(run.results, "evaluations", name)


def has_scores(folder: Path, key: str) -> bool:
    """Whether a run kept an array of that name.

    Raises:
        DataError: the file is damaged.
    """
    file = folder / "scores.npz"
    if not file.is_file():
        return False
    with _arrays(file) as arrays:
        return array_name(key) in arrays


def kept_scores(file: Path, name: str, keys: Sequence[str]) -> dict[str, np.ndarray]:
    """Arrays about a test set from a run's ``scores.npz``.

    Raises:
        DataError: the file is damaged or has none of that set.
    """
    with _arrays(file) as arrays:
        return {key: arrays[array_name(f"{name}/{key}")] for key in keys}


@contextmanager
def _arrays(file: Path) -> Iterator[Mapping[str, np.ndarray]]:
    try:
        with file.open("rb") as content, np.load(content) as arrays:
            yield arrays
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        problem = f"its scores cannot be read ({error!r})"
        raise DataError(problem, file=file, remedy="Restore the file, or run it again.") from error
