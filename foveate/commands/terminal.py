"""What a person sees: progress on standard error, so that standard output stays clean for scripts."""

import json
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final, Self, final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

FIGURES: Final = ("", ".png", ".svg", ".pdf")
"""Endings of figures; without one it is a PNG."""

console = Console(stderr=True, soft_wrap=True, highlight=False)


def answer(value: Any, *, as_json: bool, text: str) -> None:
    """Print a command's answer on standard output: JSON for scripts, or text for people."""
    sys.stdout.write((json.dumps(value, indent=1) if as_json else text).rstrip("\n") + "\n")


def check_figure(file: Path | None) -> None:
    """Refuse the name of a figure that cannot be drawn, before the work for it is done.

    Raises:
        RecipeError: its ending is none that figures have.
    """
    from foveate.errors import RecipeError

    if file is not None and file.suffix not in FIGURES:
        raise RecipeError(f"no figure ends in {file.suffix}", file=file, remedy="Call it .png, .svg or .pdf.")


@final
class Bar(AbstractContextManager["Bar"]):
    """A progress bar with time left, the loss and the speed; implements ``foveate.run.Watcher``.

    Args:
        title: of the work.
        stages: name and share of the whole of each stage, for work in several stages; a second bar then shows the
            whole and its time left.
    """

    def __init__(self, title: str, stages: dict[str, float] | None = None) -> None:
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:3.0f} %"),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            speed_estimate_period=120,
        )
        self._stages, self._before = stages or {}, 0.0
        self._whole = self._progress.add_task(title, total=1.0, note="") if stages else None
        self._task = self._progress.add_task(title, total=None, note="", visible=not stages)
        self._share = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, name: str) -> None:
        """The next stage begins; what is left of the one before counts as done."""
        self._before += self._share
        self._share = self._stages[name]
        self._progress.reset(self._task, description=name, total=None, visible=True, note="")
        self._advance(0.0)

    def begin(self, name: str) -> None:
        """Other work begins, with a bar of its own from its start."""
        self._progress.reset(self._task, description=name, total=None, visible=True, note="")

    def step(self, step: int, total: int, record: dict[str, Any] | None) -> None:
        note = {}
        if record is not None:
            note["note"] = f"loss {record['loss']:.2f}, {record['images_per_second']:.0f} images/s"
        self._progress.update(self._task, completed=step, total=total, **note)
        self._advance(step / total)

    def share(self, done: float, note: str) -> None:
        """A share of the whole is done, of 1."""
        self._progress.update(self._task, completed=done, total=1.0, note=note)

    def say(self, text: str) -> None:
        self._progress.console.print(text, markup=False)

    def _advance(self, done: float) -> None:
        if self._whole is not None:
            self._progress.update(self._whole, completed=self._before + self._share * done)
