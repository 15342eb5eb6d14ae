"""The tables of a study: caption, headings and cells, as plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.study_cells import Table, gain
from foveate.report.study_classes import classification_table
from foveate.report.study_detection import detection_tables
from foveate.report.study_faces import area_table, identification_table, verification_table
from foveate.report.words import NOTHING, decimal, percent, set_name

HELD_OUT = {
    "classification": "held-out training photos (top-1",
    "detection": "photos kept out of training (average precision",
}
"""What the headroom is measured on, and in, by the kind of study; pairs of people elsewhere."""


def tables(numbers: Mapping[str, Any]) -> list[Table]:
    """Caption, headings and rows of every table."""
    if numbers["kind"] in ("correlation", "looks"):
        return [_attention(numbers["attention"])]
    made = [_headroom(numbers)] if numbers["headroom"] else []
    lead = _lead(numbers)
    for item in numbers["sets"]:
        made += [verification_table(item, numbers), area_table(item)]
        made += [_against(item, lead)] if item["against"] else []
    for item in numbers["classification"]:
        made.append(classification_table(item, numbers))
        made += [_against(item, lead)] if item["against"] else []
    for item in numbers["detection"]:
        made += detection_tables(item, numbers)
    for item in numbers["identification"]:
        made.append(identification_table(item))
        made += [_against(item, lead)] if item["against"] else []
    made += [_sweep(numbers["sweep"])] if numbers["sweep"] else []
    return made + ([_attention(numbers["attention"])] if numbers["attention"] else [])


def _lead(numbers: Mapping[str, Any]) -> str:
    """The label of the row that is compared with all others."""
    judged = (*numbers["sets"], *numbers["classification"], *numbers["identification"])
    rows = [row for item in judged for row in item["rows"]]
    return next((row["label"] for row in rows if row["name"] == numbers["lead"]), numbers["lead"])


def _headroom(numbers: Mapping[str, Any]) -> Table:
    rows = [
        [item["group"], percent(item["teacher"]), percent(item["base"]), percent(item["headroom"])]
        for item in numbers["headroom"]
    ]
    heads = ("", "Teacher at 1x (%)", "Base (%)", "Headroom (points)")
    held = HELD_OUT.get(numbers["kind"], "held-out training identities (authors' protocol")
    return f"Headroom on {held}, one seed)", heads, rows


def _against(item: Mapping[str, Any], lead: str) -> Table:
    """Photos and probes have no pairs, so no area; a probe is right where it was found at rank 1."""
    what = "Rank 1 (points)" if "probes" in item else "Accuracy (points)"
    heads = ["", f"{lead} against", "Seeds", what, "p (Holm)"]
    heads += ["AUC, all pairs (points)", "p (Holm)"] if "pairs" in item else []
    rows = [
        [
            row["group"],
            row["label"],
            str(len(row["seeds"])),
            *gain(row["accuracy"]),
            *(gain(row["area"]) if "pairs" in item else []),
        ]
        for row in item["against"]
    ]
    same = next((kind for kind in ("pairs", "probes") if kind in item), "photos")
    return f"{set_name(item['set'])}: {lead} minus each other method, same {same} and seeds", heads, rows


def _sweep(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The smallest usable face is the median over seeds."""
    first = rows[0]
    sides = [point["side"] for point in first["points"]]
    lines = []
    for row in rows:
        usable = sorted(float("inf") if side is None else side for side in row["usable"])
        middle = usable[len(usable) // 2]
        cells = [percent(point["mean"], 1) for point in row["points"]]
        smallest = NOTHING if middle == float("inf") else f"{middle:.0f}"
        lines.append([row["group"], row["label"], set_name(row["set"]), row["mode"], *cells, smallest])
    heads = ("", "Method", "Set", "Mode", *(f"{side} px" for side in sides), "Smallest usable (px)")
    rule = f"TAR {first['target']:g} at FAR {first['far']:g}, median over seeds"
    return f"Accuracy (%, authors' protocol) by size of the face; usable: {rule}", heads, lines


def _attention(rows: Sequence[Mapping[str, Any]]) -> Table:
    lines, stages = [], []
    for row in rows:
        for kind, found in row["stages"].items():
            stages = list(dict.fromkeys([*stages, *found]))
            for measure, title in (("centred", "mean maps subtracted"), ("pooled", "pooled, as in the paper")):
                cells = [_correlation(found.get(stage), measure) for stage in stages]
                lines.append([row["group"], row["label"], kind, title + _of_seeds(found, row["seeds"]), *cells])
    heads = ("", "Method", "Maps", "Correlation", *(stage.replace("stage", "Stage ") for stage in stages))
    return "Attention maps compared with the teacher's (Pearson r, last block of each stage)", heads, lines


def _of_seeds(stages: Mapping[str, Any], seeds: Sequence[int]) -> str:
    """How many seeds were asked, if not all: older runs were not asked for logits."""
    values = next(iter(stages.values()))["centred"]["values"]
    known = sum(value is not None for value in values)
    return f" ({known} of {len(seeds)} seeds)" if 0 < known < len(seeds) else ""


def _correlation(stage: Mapping[str, Any] | None, measure: str) -> str:
    return NOTHING if stage is None else decimal(stage[measure]["mean"])
