"""The tables of a summary as GitHub Markdown."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.tables import (
    agreement_table,
    classification_table,
    detection_table,
    identification_table,
    verification_table,
)


def markdown(summary: Mapping[str, Any]) -> str:
    """Write the answer, a table for each test set, one for attention maps, and the unfinished runs.

    Args:
        summary: what ``summarise`` returned.
    """
    parts = [plain(" ".join([summary["answer"]["sentence"], *summary["answer"]["remarks"]]))]
    for item in summary["sets"]:
        parts += [f"### {plain(item['title'])}, {item['pairs']} pairs", markdown_table(*verification_table(item))]
    for item in summary["classification"]:
        parts += [f"### {plain(item['title'])}, {item['pairs']} photos", markdown_table(*classification_table(item))]
    for item in summary["detection"]:
        parts += [f"### {plain(item['title'])}, {item['pairs']} photos", markdown_table(*detection_table(item))]
    for item in summary["identification"]:
        faces = f"{item['probes']} probes, {item['gallery']} in the gallery"
        parts += [f"### {plain(item['title'])}, {plain(faces)}", markdown_table(*identification_table(item))]
    for item in summary["attention"]:
        parts += [
            f"### Attention maps compared with the teacher's, {plain(item['title'])}",
            markdown_table(*agreement_table(item)),
        ]
    unfinished = [run for run in summary["runs"] if not run["finished"]]
    if unfinished:
        lines = [
            f"- {plain(run['label'])}, seed {run['seed']}: {100 * run['progress']:.0f} % done" for run in unfinished
        ]
        parts += ["### Unfinished runs", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def markdown_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of text."""
    rule = ["---", *["---:"] * (len(heads) - 1)]
    lines = [[plain(head) for head in heads], rule, *[[plain(cell) for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def plain(text: str) -> str:
    """Text that Markdown takes literally, on one line."""
    return re.sub(r"([\\`*_<>|~&#!])", r"\\\1", " ".join(str(text).split()))
