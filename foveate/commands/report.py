"""foveate report RUN...: one HTML page from finished runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import tyro

from foveate.commands.terminal import answer, console


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

    runs = _with_runs(runs)
    page, numbers = make_page(runs, out, looks=looks), summarise(runs)
    if markdown is not None:
        write_bytes(markdown, tables(numbers).encode())
    answer({"page": str(page), **numbers}, as_json=as_json, text=str(page))


def _with_runs(paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """The paths that hold runs; of several, those without are named and left out."""
    found = tuple(path for path in paths if (path / "run.json").is_file() or any(path.glob("**/run.json")))
    for path in paths if found else ():
        if path not in found:
            console.print(f"{path}: no run here, left out", markup=False)
    return found or paths
