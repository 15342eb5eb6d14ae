"""A study of detectors: average precision at each level, with paired comparisons against Base."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from foveate.evaluate.detection import AT
from foveate.report.methods import inside
from foveate.report.reading import Recorded
from foveate.report.rows import estimate
from foveate.report.study_cells import Table, gain, number, percents, share_of
from foveate.report.study_paired import add_precisions
from foveate.report.study_runs import Entries, Row, answer_on, row_of
from foveate.report.words import NOTHING, duration

PRECISION: Final = "average_precision"
HELD_OUT: Final = ", held out"
"""In the name of squares that are cut from a few photos: they share them, so no test can take them for separate."""


def detected(name: str, work: Mapping[str, float], entries: Entries, teachers: dict[int, Recorded]) -> Row:
    """One set of photos: the teacher on sharp ones, and every row of every group, by level."""
    rows = [
        {**row_of(entry, found, work), "precision": _precision(list(found.values()), name)} for entry, found in entries
    ]
    if HELD_OUT in name:
        rows = [{**row, "paired": None} for row in rows]
    else:
        add_precisions(rows, entries, teachers, name)
    some = answer_on(next(run for _, found in entries for run in found.values()), name)
    known = {key: inside(some, key) for key in ("photos", "faces")}
    return {"set": name, **known, "ceiling": _precision(list(teachers.values()), name), "rows": rows}


def _precision(runs: Sequence[Recorded], name: str) -> Row:
    """Average precision at each level, over seeds."""
    levels = inside(answer_on(runs[0], name), PRECISION) if runs else {}
    return {level: estimate([inside(answer_on(run, name), PRECISION, level) for run in runs]) for level in levels}


def detection_tables(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> list[Table]:
    """A table for each overlap that the set is judged at."""
    by_overlap: dict[str, list[str]] = {}
    for level in item["faces"]:
        by_overlap.setdefault(level.partition(AT)[2], []).append(level)
    return [_table(item, numbers, levels, overlap) for overlap, levels in by_overlap.items()]


def _table(item: Mapping[str, Any], numbers: Mapping[str, Any], levels: Sequence[str], overlap: str) -> Table:
    """Levels side by side, each with the gain over Base."""
    heads, top = ["", "Method", "Seeds"], item["ceiling"]
    for level in levels:
        heads += [f"AP {level} (%)", "Gain (points)", "p (Holm)"]
    heads += [f"Share of headroom, {levels[0]} (%)", "Training", "Images a second", "GFLOP an image", "Paper"]
    first = ["1x", "Teacher", str(max((len(each["values"]) for each in top.values()), default=0))]
    for level in levels:
        first += [share_of(top[level]) if top else NOTHING, *[NOTHING] * 2]
    rows = [[*first, *[NOTHING] * 4, _by_level(numbers["published_teacher"])]]
    for row in item["rows"]:
        cells, paired, cost = [row["group"], row["label"], str(len(row["seeds"]))], row["paired"] or {}, row["cost"]
        for level in levels:
            cells += [share_of(row["precision"][level]), *gain(paired.get(level))]
        share = (paired.get(levels[0]) or {}).get("share")
        speed = [duration(cost["seconds"]), number(cost["images_per_second"], 0), number(cost["gflops"], 2)]
        rows.append([*cells, percents(share) if share else NOTHING, *speed, _by_level(row["published"])])
    faces = ", ".join(f"{item['faces'][level]} {level.partition(AT)[0]}" for level in levels)
    measure = f"average precision{f' at an overlap of {overlap}' if overlap else ''}"
    return f"{item['set']}: {measure} in {item['photos']} photos with {faces} faces", heads, rows


def _by_level(published: Mapping[str, float]) -> str:
    return ", ".join(f"{level} {value:.2f}" for level, value in published.items()) or NOTHING
