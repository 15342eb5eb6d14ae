"""The tables of a study of faces: pairs, every image against every other, and probes in a gallery."""

from collections.abc import Mapping
from typing import Any

from foveate.report.study_cells import Table, gain, number, paired_cells, percents, share_of
from foveate.report.study_summary import RANKS
from foveate.report.words import NOTHING, duration, set_name

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


def verification_table(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
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


def area_table(item: Mapping[str, Any]) -> Table:
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


def identification_table(item: Mapping[str, Any]) -> Table:
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
