"""The tables of a study: caption, headings and cells, as plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.study_cells import gain, number, paired_cells, percents, share_of
from foveate.report.study_detection import detection_table
from foveate.report.study_summary import RANKS
from foveate.report.words import NOTHING, decimal, duration, percent, set_name

HEADS = (
    "",
    "Method",
    "Seeds",
    "Accuracy (%)",
    "Gain over Base (points)",
    "p (Holm)",
    "McNemar",
    "Share of headroom (%)",
    "Errors less (%)",
    "insightface (%)",
    "Paper",
)
AREA_HEADS = (
    "",
    "Method",
    "AUC (%)",
    "Gain over Base (points)",
    "p (Holm)",
    "Share of headroom (%)",
    "EER (%)",
    "TAR at FAR 1 % (%)",
    "Training",
    "Faces a second",
    "GFLOP a face",
)
CLASS_HEADS = (
    "",
    "Method",
    "Seeds",
    "Top-1 (%)",
    "Gain over Base (points)",
    "p (Holm)",
    "McNemar",
    "Share of headroom (%)",
    "Errors less (%)",
    "Top-5 (%)",
    "Training",
    "Images a second",
    "GFLOP an image",
    "Paper",
)

HELD_OUT = {
    "classification": "held-out training photos (top-1",
    "detection": "photos kept out of training (average precision",
}
"""What the headroom is measured on, and in, by the kind of study; pairs of people elsewhere."""

Table = tuple[str, Sequence[str], list[list[str]]]


def tables(numbers: Mapping[str, Any]) -> list[Table]:
    """Caption, headings and rows of every table."""
    if numbers["kind"] in ("correlation", "looks"):
        return [_attention(numbers["attention"])]
    made = [_headroom(numbers)] if numbers["headroom"] else []
    lead = _lead(numbers)
    for item in numbers["sets"]:
        made += [_verification(item, numbers), _areas(item)]
        made += [_against(item, lead)] if item["against"] else []
    for item in numbers["classification"]:
        made.append(_classification(item, numbers))
        made += [_against(item, lead)] if item["against"] else []
    made += [detection_table(item, numbers) for item in numbers["detection"]]
    for item in numbers["identification"]:
        made.append(_identification(item))
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


def _verification(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
    published = _published(numbers["published_teacher"])
    top, count = item["ceiling"], len(item["ceiling"]["accuracy"]["values"])
    first = [
        "1x",
        "Teacher",
        str(count),
        share_of(top["accuracy"]),
        *[NOTHING] * 5,
        share_of(top["insightface"]),
        published,
    ]
    return f"{_about(item)}", HEADS, [first, *(_line(row) for row in item["rows"])]


def _about(item: Mapping[str, Any]) -> str:
    return f"{set_name(item['set'])}: {item['pairs']} pairs of {item['images']} images"


def _areas(item: Mapping[str, Any]) -> Table:
    """Every image against every other, and what training costs."""
    top = item["ceiling"]
    rows = [["1x", "Teacher", share_of(top["auc"]), *[NOTHING] * 3, *_rates(top), *[NOTHING] * 3]]
    for row in item["rows"]:
        cost, area = row["cost"], row["area"]
        gained, p = gain(area)
        share = NOTHING if not area or area["share"] is None else percents(area["share"])
        speed = [number(cost["images_per_second"], 0), number(cost["gflops"], 2)]
        cells = [share_of(row["auc"]), gained, p, share, *_rates(row), duration(cost["seconds"]), *speed]
        rows.append([row["group"], row["label"], *cells])
    return f"{set_name(item['set'])}, every image against every other, and the cost of training", AREA_HEADS, rows


def _rates(row: Mapping[str, Any]) -> list[str]:
    return [share_of(row["equal_error_rate"]), share_of(row["true_accept"])]


def _classification(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
    """The teacher sees the photos of the set's own name sharp, and elsewhere what the name says."""
    published = ", ".join(f"{value:.2f}" for value in numbers["published_teacher"].values()) or NOTHING
    top, at = item["ceiling"], " at " in item["set"]
    first = ["1x", "Teacher", str(len(top["top1"]["values"])), share_of(top["top1"]), *[NOTHING] * 5]
    first += [share_of(top["top5"]), *[NOTHING] * 3, NOTHING if at else published]
    rows = [first] if top["top1"]["values"] else []  # on sharp photos it is judged under the set's own name
    for row in item["rows"]:
        cost = row["cost"]
        rows.append(
            [
                row["group"],
                row["label"],
                str(len(row["seeds"])),
                share_of(row["top1"]),
                *paired_cells(row["paired"]),
                share_of(row["top5"]),
                duration(cost["seconds"]),
                number(cost["images_per_second"], 0),
                number(cost["gflops"], 2),
                NOTHING if at else ", ".join(f"{value:.2f}" for value in row["published"].values()) or NOTHING,
            ]
        )
    return f"{item['set']}: {item['images']} photos", CLASS_HEADS, rows


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


def _identification(item: Mapping[str, Any]) -> Table:
    ranks = [f"rank {rank}" for rank in RANKS]
    rows = [["1x", "Teacher", str(len(item["teacher"]["mAP"]["values"])), *_found(item["teacher"]), *[NOTHING] * 5]]
    for row in item["rows"]:
        gained, p, sure, _, less = paired_cells(row["paired"])
        own = {name: value for name, value in row["published"].items() if name in row}
        published = ", ".join(f"{name}: {value:.2f}" for name, value in own.items()) or NOTHING
        rows.append(
            [row["group"], row["label"], str(len(row["seeds"])), *_found(row), gained, p, sure, less, published]
        )
    heads = ("", "Method", "Seeds", *(f"{rank} (%)" for rank in ranks), "mAP (%)", "Gain at rank 1 (points)")
    caption = f"{set_name(item['set'])}: {item['probes']} probes, {item['gallery']} faces in the gallery"
    return caption, (*heads, "p (Holm)", "McNemar", "Errors less (%)", "Paper (%)"), rows


def _found(row: Mapping[str, Any]) -> list[str]:
    return [share_of(row[name]) for name in (*(f"rank {rank}" for rank in RANKS), "mAP")]


def _line(row: Mapping[str, Any]) -> list[str]:
    return [
        row["group"],
        row["label"],
        str(len(row["seeds"])),
        share_of(row["accuracy"]),
        *paired_cells(row["paired"]),
        share_of(row["insightface"]),
        _published(row["published"]),
    ]


def _published(numbers: Mapping[str, float]) -> str:
    """The paper's accuracies; its ranks are another table's."""
    return ", ".join(f"{value:.2f}" for name, value in numbers.items() if not name.startswith("rank ")) or NOTHING


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
