"""The table of a study of photos of objects."""

from collections.abc import Mapping
from typing import Any

from foveate.report.study_cells import Table, number, paired_cells, share_of
from foveate.report.words import NOTHING, duration

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


def classification_table(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
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
