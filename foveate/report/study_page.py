"""The short table of a study, kept up to date inside a page such as a README."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from foveate.errors import DataError
from foveate.files import write_bytes
from foveate.report.markdown import markdown_table
from foveate.report.study_cells import gain, percents, share_of
from foveate.report.study_detection import HELD_OUT
from foveate.report.words import NOTHING, set_name

PARTS = ("accuracy (%)", "gain (points)", "AUC gain", "headroom recovered (%)")


def update_page(page: Path, name: str, numbers: Mapping[str, Any]) -> None:
    """Put a study's table between the two marks ``<!-- study NAME -->`` and ``<!-- end -->`` of a page.

    Args:
        page: a Markdown file.
        name: of the study.
        numbers: what ``summarise_study`` returned.

    Raises:
        DataError: the page has no such marks.
    """
    text = page.read_text()
    start, end = f"<!-- study {name} -->", "<!-- end -->"
    pattern = re.compile(re.escape(start) + ".*?" + re.escape(end), re.DOTALL)
    if not pattern.search(text):
        raise DataError(f"the page has no place for {name}", file=page, remedy=f"Write '{start}' and '{end}' into it.")
    made = f"{start}\n\n{short_table(numbers)}\n\n{end}"
    write_bytes(page, pattern.sub(lambda _: made, text, count=1).encode())


def short_table(numbers: Mapping[str, Any]) -> str:
    """Every row with what it reached on each verification set, or with photos as it sees them, in Markdown."""
    if numbers["classification"]:
        return _classified(numbers["classification"][0])
    if numbers["detection"]:
        return _detected(numbers["detection"])
    sets = numbers["sets"]
    heads = ["", "Method", "Seeds", *(f"{set_name(item['set'])}: {part}" for item in sets for part in PARTS)]
    taught = max((len(item["ceiling"]["accuracy"]["values"]) for item in sets), default=0)
    rows = {("1x", "Teacher"): ["1x", "Teacher", str(taught)]}
    for place, item in enumerate(sets):
        rows["1x", "Teacher"] += [share_of(item["ceiling"]["accuracy"]), *[NOTHING] * 3]
        for row in item["rows"]:
            line = rows.setdefault((row["group"], row["label"]), [row["group"], row["label"], str(len(row["seeds"]))])
            line += [NOTHING] * (3 + place * len(PARTS) - len(line))  # of sets that it was not judged on
            paired = row["paired"]
            recovered = paired and paired["share"]
            line += [share_of(row["accuracy"]), gain(paired)[0], gain(row["area"])[0]]
            line.append(percents(recovered) if recovered else NOTHING)
    return markdown_table(heads, [line + [NOTHING] * (len(heads) - len(line)) for line in rows.values()])


def _detected(items: Sequence[Mapping[str, Any]]) -> str:
    """The test sets side by side; gains are of all faces, or of the first level."""
    items = [item for item in items if HELD_OUT not in item["set"]] or items
    heads, rows = ["", "Method", "Seeds"], dict[tuple[str, str], list[str]]()
    for item in items:
        levels = list(item["faces"])
        heads += [*(f"{item['set']}: AP {level} (%)" for level in levels), f"{item['set']}: gain, {levels[0]} (points)"]
        top, width = item["ceiling"], len(levels) + 1
        seeds = max((len(each["values"]) for each in top.values()), default=0)
        for line in rows.values():
            line += [NOTHING] * (len(heads) - width - len(line))
        line = rows.setdefault(("1x", "Teacher"), ["1x", "Teacher", str(seeds)] + [NOTHING] * (len(heads) - width - 3))
        line += [*(share_of(top[level]) if top else NOTHING for level in levels), NOTHING]
        for row in item["rows"]:
            first = [row["group"], row["label"], str(len(row["seeds"]))] + [NOTHING] * (len(heads) - width - 3)
            line = rows.setdefault((row["group"], row["label"]), first)
            line += [share_of(row["precision"][level]) for level in levels]
            line.append(gain((row["paired"] or {}).get(levels[0]))[0])
    return markdown_table(heads, [line + [NOTHING] * (len(heads) - len(line)) for line in rows.values()])


def _classified(item: Mapping[str, Any]) -> str:
    top = item["ceiling"]["top1"]
    rows = [["1x", "Teacher", str(len(top["values"])), share_of(top), *[NOTHING] * 2]]
    for row in item["rows"]:
        paired = row["paired"]
        recovered = percents(paired["share"]) if paired and paired["share"] else NOTHING
        rows.append(
            [row["group"], row["label"], str(len(row["seeds"])), share_of(row["top1"]), gain(paired)[0], recovered]
        )
    return markdown_table(["", "Method", "Seeds", "Top-1 (%)", "Gain (points)", "Headroom recovered (%)"], rows)
