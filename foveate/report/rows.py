"""What every row of a summary holds: its method, its cost, and numbers over seeds.

Legend: S seeds.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from foveate.errors import DataError
from foveate.evaluate.bootstrap import mean_interval
from foveate.report.methods import inside, trained_view
from foveate.report.reading import Recorded
from foveate.report.words import recipe_name

Row = dict[str, Any]
Answers = Sequence[tuple[Recorded, Mapping[str, Any]]]
"""Runs with what one evaluation found of each."""

_REMEDY: Final = "Restore the file, or leave this run out of the report"


def evaluations_of(run: Recorded) -> list[tuple[str, Any]]:
    return list((run.results or {})["evaluations"].items())


def method_row(label: str, members: Sequence[Recorded]) -> Row:
    card = members[0].card
    return {
        "label": label,
        "method": recipe_name(str(card["recipe"])),
        "recipe": str(card["recipe"]),
        "view": trained_view(members[0]),
        "degradation": str(card.get("degradation")),
        "seeds": [run.card["seed"] for run in members],
    }


def estimate(values: Sequence[float | None], over_pairs: tuple[float | None, float | None] | None = None) -> Row:
    """Mean of the values there are, with Student's t interval; a single one keeps its interval over pairs, if any."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if len(known) == 0:
        return {"mean": None, "low": None, "high": None, "interval": None, "values": list(values)}
    found = mean_interval(known)
    low, high, over = found.low, found.high, "seeds"
    if len(known) == 1:
        low, high = over_pairs if over_pairs is not None and len(values) == 1 else (None, None)
        over = None if low is None or high is None else "pairs"
    return {"mean": found.mean, "low": low, "high": high, "interval": over, "values": list(values)}


def cost_of(members: Sequence[Recorded]) -> Row:
    """Mean cost of a run."""
    return {
        name: estimate([number_in(run, run.results, "cost", name) for run in members])["mean"]
        for name in ("seconds", "images_per_second")
    }


def number_in(run: Recorded, value: Any, *keys: str) -> float | None:
    found = inside(value, *keys)
    if found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found)
    raise DataError(
        f"{' / '.join(keys)} should be a number, not {str(found)[:40]!r}",
        file=run.folder / "results.json",
        remedy=_REMEDY,
    )
