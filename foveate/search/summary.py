"""What a search found, as JSON values."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from foveate.search.search import MARK, Search
from foveate.search.trial import Trial, best_first


def summarise(search: Search, trials: Sequence[Trial]) -> dict[str, Any]:
    """The setting, the trials (best first), and the best one with what its training on all identities gave."""
    ordered = best_first(trials)
    best = ordered[0] if ordered and ordered[0].value is not None else None
    return {
        **search.setting,
        "space": [
            {"name": item.name, "log": item.log, "choices": list(item.choices)}
            for item in sorted(search.vary, key=lambda item: item.name)
        ],
        "trials": [_trial(search, trial) for trial in ordered],
        "best": best and _best(search, best),
    }


def _trial(search: Search, trial: Trial) -> dict[str, Any]:
    job = search.trial(trial)
    failed = job.failure
    return {
        "trial": trial.number,
        "settings": dict(trial.settings),
        "state": trial.state,
        "value": trial.value,
        "said": json.loads(failed.read_text())["said"] if trial.state == "failed" and failed.is_file() else None,
        "command": job.command,
    }


def _best(search: Search, best: Trial) -> dict[str, Any]:
    job = search.best(best.settings)
    mark = job.folder / MARK
    mine = mark.is_file() and json.loads(mark.read_text())["trial"] == best.number  # not those of a former winner
    judged = _evaluations(job.folder) if mine and job.is_done else None
    return {
        "trial": best.number,
        "settings": dict(best.settings),
        "value": best.value,
        "command": job.command,
        "folder": str(job.folder),
        "evaluations": judged,
        "judged_on_what_it_was_chosen_on": sorted(_sets(judged or {}) & _sets(_evaluations(search.out / best.name))),
    }


def _evaluations(folder: Path) -> dict[str, Any]:
    """Of a finished run; nothing where it was deleted."""
    file = folder / "results.json"
    return json.loads(file.read_text())["evaluations"] if file.is_file() else {}


def _sets(evaluations: dict[str, Any]) -> set[str]:
    """Names of the sets of people that were judged, and of photos that training kept out."""
    held = {name for name, answer in evaluations.items() if answer.get("held_out")}
    return held | {answer["set"] for answer in evaluations.values() if "set" in answer}
