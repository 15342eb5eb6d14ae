"""What a study found, written down: tables as Markdown and LaTeX, numbers as JSON, figures as PNG and SVG."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from foveate.files import write_bytes, write_json
from foveate.plots.accuracy import accuracy_by_method
from foveate.plots.correlation import attention_correlation
from foveate.plots.sweep import accuracy_by_size
from foveate.plots.theme import LIGHT
from foveate.report.drawn import drawn
from foveate.report.study_summary import summarise_study
from foveate.report.study_text import as_latex, as_markdown
from foveate.report.words import set_name


def write_study(folder: Path, name: str) -> tuple[dict[str, Any], list[Path]]:
    """Write the tables and figures of a study's runs there are beside the runs, named after the study.

    Returns:
        The numbers, and the files.

    Raises:
        DataError: there is no study, or a file of a run is damaged.
    """
    numbers = summarise_study(folder, name)
    files = [folder / f"{name}{ending}" for ending in (".md", ".tex", "-numbers.json")]
    write_bytes(files[0], as_markdown(numbers).encode())
    write_bytes(files[1], as_latex(numbers).encode())
    write_json(files[2], numbers)
    for kind, figure in _figures(numbers):
        for ending in ("png", "svg"):
            files.append(folder / f"{name}-{kind}.{ending}")
            write_bytes(files[-1], drawn(figure, ending))
    return numbers, files


def _figures(numbers: Mapping[str, Any]) -> Iterator[tuple[str, Figure]]:
    # Rows of one recipe with other flags are methods of their own here, so marks go by the names of rows.
    parts = ("sets", "classification", "detection", "identification")
    tables = [*(item["rows"] for part in parts for item in numbers[part]), numbers["sweep"], numbers["attention"]]
    theme = replace(LIGHT, others=tuple(dict.fromkeys(row["name"] for rows in tables for row in rows)))
    sets = [
        {
            "title": set_name(item["set"]),
            "pairs": item["pairs"],
            "rows": [
                {"label": f"{row['label']}, {row['group']}", "recipe": row["name"], "authors": row["accuracy"]}
                for row in item["rows"]
            ],
        }
        for item in numbers["sets"]
    ]
    sets += [
        {
            "title": item["set"],
            "pairs": item["images"],
            "rows": [
                {"label": f"{row['label']}, {row['group']}", "recipe": row["name"], "authors": row["top1"]}
                for row in item["rows"]
            ],
        }
        for item in numbers["classification"][:1]
    ]
    if sets and numbers["kind"] not in ("correlation", "looks"):
        yield "accuracy", accuracy_by_method(sets, of="photos" if numbers["classification"] else "pairs", theme=theme)
    if numbers["sweep"]:
        swept = [
            {
                **row,
                "recipe": row["name"],
                "label": f"{row['label']}, {row['group']}",
                "panel": f"{set_name(row['set'])}, {row['mode']}",
            }
            for row in numbers["sweep"]
        ]
        yield "size", accuracy_by_size(swept, theme=theme)
    for group in dict.fromkeys(row["group"] for row in numbers["attention"]):
        rows = [
            {"label": row["label"], "recipe": row["name"], "kinds": row["stages"]}
            for row in numbers["attention"]
            if row["group"] == group
        ]
        yield f"correlation-{group}", attention_correlation(rows, theme=theme)
