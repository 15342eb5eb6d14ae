"""Runs that classified photos -> a table for each set, with a row for each method and resolution."""

from collections.abc import Sequence
from typing import Any, Final

from scipy.stats import binomtest

from foveate.report.methods import seen_as
from foveate.report.reading import Recorded
from foveate.report.rows import Answers, Row, cost_of, estimate, evaluations_of, method_row, number_in
from foveate.report.words import set_name

TOP1: Final = "top1"


def photo_tables(groups: Sequence[tuple[str, list[Recorded]]]) -> list[Row]:
    """A table for each set of photos; ``accuracy`` of a row is top-1, as ``authors`` is of pairs.

    A network is judged at several resolutions: where it is not at its own, the set has another name ("... at ...").
    """
    tables: dict[tuple[str, Any], Row] = {}
    for label, members in groups:
        found: dict[tuple[str, Any, Any], list[Any]] = {}
        for run in members:
            for name, value in evaluations_of(run):
                if isinstance(value, dict) and TOP1 in value:
                    found.setdefault((name, value.get("images"), value.get("degradation")), []).append((run, value))
        for (name, images, _), answers in found.items():
            table = {"set": name, "title": set_name(name), "pairs": images, "rows": []}
            tables.setdefault((name, images), table)["rows"].append(_row(label, answers))
    own_first = sorted(tables.items(), key=lambda item: " at " in item[0][0])
    return [table for _, table in own_first]


def _row(label: str, answers: Answers) -> Row:
    members = [run for run, _ in answers]
    judged = str(answers[0][1].get("degradation"))
    top1, top5 = (_estimate(key, answers) for key in (TOP1, "top5"))
    return {
        **method_row(label, members),
        "view": seen_as(members[0], judged),
        "degradation": judged,
        "authors": top1,
        "top5": top5,
        "cost": cost_of(members),
    }


def _estimate(key: str, answers: Answers) -> Row:
    """Over seeds; of one alone over the photos (Wilson, JASA 1927)."""
    values = [number_in(run, value, key) for run, value in answers]
    photos = number_in(*answers[0], "images")
    if len(values) > 1 or values[0] is None or not photos:
        return estimate(values)
    found = binomtest(round(values[0] * photos), round(photos)).proportion_ci(method="wilson")
    return estimate(values, (float(found.low), float(found.high)))
