"""What a person sees: progress on standard error, so that standard output stays clean for scripts."""

import json
import sys
from contextlib import AbstractContextManager
from typing import Any, Self, final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

console = Console(stderr=True, soft_wrap=True, highlight=False)


def answer(value: Any, *, as_json: bool, text: str) -> None:
    """Print a command's answer on standard output: JSON for scripts, or text for people."""
    sys.stdout.write((json.dumps(value, indent=1) if as_json else text).rstrip("\n") + "\n")


@final
class Bar(AbstractContextManager["Bar"]):
    """A progress bar with time left, the loss and the speed; implements ``foveate.train.Watcher``."""

    def __init__(self, title: str) -> None:
        self._progress = Progress(
            TextColumn("[bold]{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[note]}"),
            console=console,
            speed_estimate_period=60,
        )
        self._task = self._progress.add_task(title, total=None, note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def step(self, step: int, total: int, record: dict[str, Any] | None) -> None:
        note = {}
        if record is not None:
            note["note"] = f"loss {record['loss']:.2f}, {record['images_per_second']:.0f} images/s"
        self._progress.update(self._task, completed=step, total=total, **note)

    def say(self, text: str) -> None:
        self._progress.console.print(text)
