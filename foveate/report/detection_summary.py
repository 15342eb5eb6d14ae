"""Runs that found faces in photos -> a table for each set, with a row for each method."""

from collections.abc import Sequence
from typing import Any

from foveate.report.methods import seen_as
from foveate.report.reading import Recorded
from foveate.report.rows import Answers, Row, cost_of, estimate, evaluations_of, method_row, number_in
from foveate.report.study_detection import HELD_OUT, PRECISION
from foveate.report.words import set_name


def detection_tables(groups: Sequence[tuple[str, list[Recorded]]]) -> list[Row]:
    """A table for each set of photos; ``authors`` of a row is the average precision at the set's first level."""
    tables: dict[tuple[str, Any], Row] = {}
    for label, members in groups:
        found: dict[tuple[str, Any, Any], list[Any]] = {}
        for run in members:
            for name, value in evaluations_of(run):
                if isinstance(value, dict) and PRECISION in value:
                    found.setdefault((name, value.get("photos"), value.get("degradation")), []).append((run, value))
        for (name, photos, _), answers in found.items():
            first = {"set": name, "title": set_name(name), "pairs": photos, "faces": answers[0][1]["faces"], "rows": []}
            tables.setdefault((name, photos), first)["rows"].append(_row(label, answers))
    return sorted(tables.values(), key=lambda table: HELD_OUT in table["set"])


def _row(label: str, answers: Answers) -> Row:
    members = [run for run, _ in answers]
    judged = str(answers[0][1].get("degradation"))
    precision = {
        level: estimate([number_in(run, value, PRECISION, level) for run, value in answers])
        for level in answers[0][1][PRECISION]
    }
    return {
        **method_row(label, members),
        "view": seen_as(members[0], judged),
        "degradation": judged,
        "precision": precision,
        "authors": next(iter(precision.values())),
        "cost": cost_of(members),
    }
