"""foveate report RUN...: one HTML page from finished runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from foveate.commands.terminal import answer


def report(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(make, prog="foveate report", args=list(arguments))


def make(
    runs: tyro.conf.Positional[tuple[Path, ...]],
    /,
    *,
    out: Path = Path("report.html"),
    looks: Path | None = None,
    markdown: Path | None = None,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Make one self-contained HTML page from runs.

    Args:
        runs: folders that "foveate train" wrote.
        out: the page.
        looks: an .npz file of faces and attention maps, as "foveate demo" writes it.
        markdown: also write the tables of the page to this file, as Markdown.
        as_json: print the numbers of the page as JSON.
    """
    from foveate.files import write_bytes
    from foveate.report.markdown import markdown as tables
    from foveate.report.report import report as make_page
    from foveate.report.summary import summarise

    page, numbers = make_page(runs, out, looks=looks), summarise(runs)
    if markdown is not None:
        write_bytes(markdown, tables(numbers).encode())
    answer({"page": str(page), **numbers}, as_json=as_json, text=str(page))
