"""The tables of a study: caption, headings and cells, as plain text."""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.study_paired import SURE
from foveate.report.study_summary import RANKS
from foveate.report.words import NOTHING, bounds, decimal, duration, percent, set_name

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
AGAINST_HEADS = ("", "A-SKD against", "Seeds", "Accuracy (points)", "p (Holm)", "AUC, all pairs (points)", "p (Holm)")

Table = tuple[str, Sequence[str], list[list[str]]]


def tables(numbers: Mapping[str, Any]) -> list[Table]:
    """Caption, headings and rows of every table."""
    if numbers["kind"] in ("correlation", "looks"):
        return [_attention(numbers["attention"])]
    made = [_headroom(numbers)] if numbers["headroom"] else []
    for item in numbers["sets"]:
        made += [_verification(item, numbers), _areas(item)]
        made += [_against(item)] if item["against"] else []
    made += [_identification(item) for item in numbers["identification"]]
    made += [_sweep(numbers["sweep"])] if numbers["sweep"] else []
    return made + ([_attention(numbers["attention"])] if numbers["attention"] else [])


def _headroom(numbers: Mapping[str, Any]) -> Table:
    rows = [
        [item["group"], percent(item["teacher"]), percent(item["base"]), percent(item["headroom"])]
        for item in numbers["headroom"]
    ]
    heads = ("", "Teacher at 1x (%)", "Base (%)", "Headroom (points)")
    return "Headroom on held-out training identities (authors' protocol, one seed)", heads, rows


def _verification(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
    published = ", ".join(f"{value:.2f}" for value in numbers["published_teacher"].values()) or NOTHING
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
        speed = [_number(cost["images_per_second"], 0), _number(cost["gflops"], 2)]
        cells = [share_of(row["auc"]), gained, p, share, *_rates(row), duration(cost["seconds"]), *speed]
        rows.append([row["group"], row["label"], *cells])
    return f"{set_name(item['set'])}, every image against every other, and the cost of training", AREA_HEADS, rows


def _rates(row: Mapping[str, Any]) -> list[str]:
    return [percent(row["equal_error_rate"]["mean"]), percent(row["true_accept"]["mean"])]


def _number(value: float | None, digits: int) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def _against(item: Mapping[str, Any]) -> Table:
    rows = [
        [row["group"], row["label"], str(len(row["seeds"])), *gain(row["accuracy"]), *gain(row["area"])]
        for row in item["against"]
    ]
    return f"{set_name(item['set'])}: A-SKD minus each other method, same pairs and seeds", AGAINST_HEADS, rows


def _identification(item: Mapping[str, Any]) -> Table:
    ranks = [f"rank {rank}" for rank in RANKS]
    rows = [["1x", "Teacher", str(len(item["teacher"]["mAP"]["values"])), *_found(item["teacher"]), *[NOTHING] * 4]]
    for row in item["rows"]:
        gained, p, sure, *_ = _paired(row["paired"])
        published = ", ".join(f"{name}: {value:.2f}" for name, value in row["published"].items()) or NOTHING
        rows.append([row["group"], row["label"], str(len(row["seeds"])), *_found(row), gained, p, sure, published])
    heads = ("", "Method", "Seeds", *(f"{rank} (%)" for rank in ranks), "mAP (%)", "Gain at rank 1 (points)")
    caption = f"{set_name(item['set'])}: {item['probes']} probes, {item['gallery']} faces in the gallery"
    return caption, (*heads, "p (Holm)", "McNemar", "Paper (%)"), rows


def _found(row: Mapping[str, Any]) -> list[str]:
    first, *others = (row[name] for name in (*(f"rank {rank}" for rank in RANKS), "mAP"))
    return [share_of(first), *(percent(other["mean"]) for other in others)]


def _line(row: Mapping[str, Any]) -> list[str]:
    published = ", ".join(f"{value:.2f}" for value in row["published"].values()) or NOTHING
    return [
        row["group"],
        row["label"],
        str(len(row["seeds"])),
        share_of(row["accuracy"]),
        *_paired(row["paired"]),
        share_of(row["insightface"]),
        published,
    ]


def _paired(paired: Mapping[str, Any] | None) -> list[str]:
    if paired is None:
        return [NOTHING] * 5
    share = paired["share"]
    return [
        *gain(paired),
        f"{paired['mcnemar_sure']} of {len(paired['seeds'])}",
        NOTHING if share is None else percents(share),
        f"{100 * paired['error_reduction']:.1f}",
    ]


def gain(compared: Mapping[str, Any] | None) -> list[str]:
    """Difference with its interval, marked where it is sure, and p."""
    if compared is None:
        return [NOTHING] * 2
    difference, p = compared["difference"], compared["p_holm"]
    mark = "*" if p < SURE else ""
    return [f"{_signed(difference['mean'])} {bounds(difference)}{mark}", "<0.001" if p < 0.001 else f"{p:.3f}"]


def percents(share: Mapping[str, Any]) -> str:
    """The same in whole percents."""
    return f"{percent(share['mean'], 0)} {bounds(share, 0)}"


def _signed(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "\N{MINUS SIGN}")


def share_of(estimate: Mapping[str, Any]) -> str:
    """A mean and its interval in percent."""
    return f"{percent(estimate['mean'])} {bounds(estimate)}".strip()


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
                lines.append([row["group"], row["label"], kind, title, *cells])
    heads = ("", "Method", "Maps", "Correlation", *(stage.replace("stage", "Stage ") for stage in stages))
    return "Attention maps compared with the teacher's (Pearson r, last block of each stage)", heads, lines


def _correlation(stage: Mapping[str, Any] | None, measure: str) -> str:
    return NOTHING if stage is None else decimal(stage[measure]["mean"])
