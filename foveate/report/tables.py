"""The tables of a report as text, the same for the page and for Markdown."""

from collections.abc import Mapping
from typing import Any, Final

from foveate.report.words import NOTHING, bounds, decimal, duration, percent, seeds

_MEASURES: Final = {
    "centred": "mean maps subtracted",
    "pooled": "pooled, as in the paper",
    "per_image": "within an image",
}

Table = tuple[list[str], list[list[str]]]


def verification_table(item: Mapping[str, Any]) -> Table:
    """Headings and rows of one verification set; percentages but for the area under the curve."""
    heads = [
        "Method",
        "Seeds",
        "Accuracy, authors (%)",
        "Accuracy, insightface (%)",
        "AUC",
        "EER (%)",
        "TAR at FAR 1 % (%)",
        "Training",
    ]
    return heads, [_verification_row(row) for row in item["rows"]]


def _verification_row(row: Mapping[str, Any]) -> list[str]:
    auc, tar = row["auc"]["mean"], row["true_accept_rate_at_false_accept_rate"].get("0.01")
    cost = row["cost"]
    return [
        row["label"],
        seeds(row["seeds"]),
        *[f"{percent(row[name]['mean'])} {bounds(row[name])}".strip() for name in ("authors", "insightface")],
        NOTHING if auc is None else f"{auc:.4f}",
        percent(row["equal_error_rate"]["mean"]),
        percent(tar["mean"] if tar else None),
        duration(cost["seconds"]),
    ]


def classification_table(item: Mapping[str, Any]) -> Table:
    """Headings and rows of one set of photos, in percent."""
    rows = [
        [
            row["label"],
            seeds(row["seeds"]),
            f"{percent(row['authors']['mean'])} {bounds(row['authors'])}".strip(),
            f"{percent(row['top5']['mean'])} {bounds(row['top5'])}".strip(),
            duration(row["cost"]["seconds"]),
        ]
        for row in item["rows"]
    ]
    return ["Method", "Seeds", "Top-1 (%)", "Top-5 (%)", "Training"], rows


def detection_table(item: Mapping[str, Any]) -> Table:
    """Headings and rows of one set of photos with faces, in percent."""
    levels, rows = list(item["faces"]), []
    for row in item["rows"]:
        found = [row["precision"][level] for level in levels]
        cells = [f"{percent(each['mean'])} {bounds(each)}".strip() for each in found]
        rows.append([row["label"], seeds(row["seeds"]), *cells, duration(row["cost"]["seconds"])])
    return ["Method", "Seeds", *(f"AP {level} (%)" for level in levels), "Training"], rows


def identification_table(item: Mapping[str, Any]) -> Table:
    """Headings and rows of one identification set, in percent."""
    ranks = list(dict.fromkeys(rank for row in item["rows"] for rank in row["found_at_rank"]))
    rows = []
    for row in item["rows"]:
        found = [row["found_at_rank"].get(rank) for rank in ranks]
        cells = [NOTHING if each is None else percent(each["mean"]) for each in (*found, row["mean_average_precision"])]
        for place, each in ((0, found[0] if found else None), (-1, row["mean_average_precision"])):
            cells[place] = f"{cells[place]} {bounds(each)}".strip() if each else cells[place]
        rows.append([row["label"], seeds(row["seeds"]), *cells])
    return ["Method", "Seeds", *[f"Rank {rank} (%)" for rank in ranks], "mAP (%)"], rows


def agreement_table(item: Mapping[str, Any]) -> Table:
    """Headings and rows of the correlation with the teacher's maps: a row for each method, kind and measure."""
    stages = list(dict.fromkeys(s for row in item["rows"] for found in row["kinds"].values() for s in found))
    rows = [
        [row["label"], kind, title, *[_correlation(found.get(stage), measure) for stage in stages]]
        for row in item["rows"]
        for kind, found in row["kinds"].items()
        for measure, title in _MEASURES.items()
    ]
    return ["Method", "Maps", "Correlation", *[stage.replace("stage", "Stage ") for stage in stages]], rows


def _correlation(stage: Mapping[str, Any] | None, measure: str) -> str:
    if stage is None:
        return NOTHING
    found = stage[measure]
    if found["low"] is None:
        return decimal(found["mean"])
    return f"{decimal(found['mean'])} [{decimal(found['low'])}, {decimal(found['high'])}]"
