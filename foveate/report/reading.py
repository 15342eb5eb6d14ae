"""The folder of a run, read back: what was run, how training went, and what came out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

from foveate.errors import DataError
from foveate.files import finite

_DAMAGED = "Restore the file, or leave this run out of the report"


@final
@dataclass(frozen=True)
class Recorded:
    """One run.

    Attributes:
        folder: where it was read.
        card: ``run.json``.
        results: ``results.json``, or None while the run is unfinished.
        log: the lines of ``log.jsonl`` with losses, in order.
    """

    folder: Path
    card: dict[str, Any]
    results: dict[str, Any] | None
    log: tuple[dict[str, Any], ...]


def read_runs(paths: Sequence[Path]) -> tuple[Recorded, ...]:
    """Read runs; a folder that is no run stands for all runs below it.

    Raises:
        DataError: there is no run, or a file of one is damaged.
    """
    folders: dict[Path, Path] = {}
    for path in paths:
        found = [path] if (path / "run.json").is_file() else sorted(file.parent for file in path.glob("**/run.json"))
        if not found:
            raise DataError(
                "no run here", file=path, remedy="Name a folder that 'foveate train' wrote, with its run.json"
            )
        for folder in found:
            folders.setdefault(folder.resolve(), folder)
    if not folders:
        raise DataError("no runs were given", remedy="Name at least one folder that 'foveate train' wrote")
    return tuple(read_run(folder) for folder in folders.values())


def read_run(folder: Path) -> Recorded:
    """Read one run.

    Raises:
        DataError: a file of it is missing or damaged.
    """
    card = _object(folder / "run.json", needed=("recipe", "seed", "arguments"))
    if not isinstance(card["arguments"], dict):
        raise DataError("'arguments' is not a table of names and values", file=folder / "run.json", remedy=_DAMAGED)
    results = None
    if (folder / "results.json").exists():
        results = _object(folder / "results.json", needed=("recipe", "seed", "evaluations"))
        if (results["recipe"], results["seed"]) != (card["recipe"], card["seed"]):
            raise DataError(
                f"the results are of {results['recipe']} with seed {results['seed']}, "
                f"run.json is of {card['recipe']} with seed {card['seed']}",
                file=folder / "results.json",
                remedy="Put the file back into the folder of its own run",
            )
        if not isinstance(results["evaluations"], dict):
            raise DataError("'evaluations' is not a table", file=folder / "results.json", remedy=_DAMAGED)
    return Recorded(folder, card, results, _log(folder / "log.jsonl"))


def _object(file: Path, needed: tuple[str, ...]) -> dict[str, Any]:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"the file cannot be read as JSON ({error})", file=file, remedy=_DAMAGED) from error
    if not isinstance(value, dict):
        raise DataError("the file holds no JSON object", file=file, remedy=_DAMAGED)
    missing = [key for key in needed if key not in value]
    if missing:
        raise DataError(f"the file lacks {', '.join(missing)}", file=file, remedy=_DAMAGED)
    return finite(value)


def _log(file: Path) -> tuple[dict[str, Any], ...]:
    """Lines with losses. The last line may be torn: that is how a killed run ends."""
    if not file.exists():
        return ()
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    records = []
    for number, line in enumerate(lines, start=1):
        try:
            record = finite(json.loads(line))
        except (ValueError, RecursionError) as error:
            if number == len(lines):
                break
            raise DataError("the line is not JSON", file=file, record=f"line {number}", remedy=_DAMAGED) from error
        if isinstance(record, dict) and "progress" in record:
            if not _is_step(record):
                raise DataError("the line is no step of training", file=file, record=f"line {number}", remedy=_DAMAGED)
            records.append(record)
    return tuple(records)


def _is_step(record: dict[str, Any]) -> bool:
    losses = record.get("losses")
    if not isinstance(losses, dict) or not isinstance(record["progress"], int | float):
        return False
    return all(value is None or isinstance(value, int | float) for value in losses.values())
