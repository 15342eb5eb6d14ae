"""The log of a run: one line of JSON every few steps and for each evaluation, and TensorBoard's files if wanted."""

import json
import os
import time
from pathlib import Path
from typing import Any, final

import torch

from foveate import distributed
from foveate.errors import RecipeError
from foveate.files import finite, write_bytes
from foveate.objective import Losses
from foveate.run import Run


@final
class Log:
    """``log.jsonl``; the watcher hears the same. Of several ranks the first one writes.

    Args:
        run: where to write, and how often.
        first: the step the run goes on from; lines of later steps, of before an interruption, are dropped.
    """

    def __init__(self, run: Run, first: int) -> None:
        self._run, self._path, self._since, self._faces = run, run.out / "log.jsonl", time.perf_counter(), 0
        self._file, self._board = None, None
        if distributed.is_first():
            kept = []
            if first and self._path.exists():
                *lines, _ = self._path.read_text().split("\n")  # what follows the last line end was cut off by a kill
                kept = [line for line in lines if json.loads(line)["step"] <= first]
            write_bytes(self._path, "".join(line + "\n" for line in kept).encode())
            self._file = self._path.open("a")
            self._board = _board(run.out, first) if run.tensorboard else None

    def is_due(self, step: int, total: int) -> bool:
        """Whether the log has a line for this step."""
        return step % self._run.log_every == 0 or step == total

    def step(self, step: int, total: int, losses: Losses, *, faces: int, share: float, rate: float) -> None:
        """A step was done: with this many faces, at this learning rate.

        Args:
            step, total: steps done, of how many.
            losses: of this rank.
            faces: of all ranks.
            share: how many of them this rank had, 1 where it is as many as the other ranks had.
            rate: the learning rate.
        """
        self._faces += faces
        record = None
        if self.is_due(step, total):
            now = time.perf_counter()
            record = {
                "step": step,
                "progress": step / total,
                "learning_rate": rate,
                "images_per_second": self._faces / (now - self._since),
                **_numbers(losses, share),
            }
            self._since, self._faces = now, 0
            self.write(record)
        self._run.watcher.step(step, total, record)

    def write(self, record: dict[str, Any]) -> None:
        """Append one line, on disk when this returns."""
        if self._file is None:
            return
        self._file.write(json.dumps(finite(record)) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        if self._board is not None:
            for name, value in _scalars(record).items():
                self._board.add_scalar(name, value, record["step"])

    def say(self, text: str) -> None:
        """Tell the watcher; time up to here does not count as training."""
        self._run.watcher.say(text)
        self._since, self._faces = time.perf_counter(), 0

    def close(self) -> None:
        """End the files."""
        if self._file is not None:
            self._file.close()
        if self._board is not None:
            self._board.close()


def _numbers(losses: Losses, share: float) -> dict[str, Any]:
    """The losses, over the faces of all ranks; with the ``share`` that weighs this rank's gradient."""
    values = torch.stack([losses.total.detach().float(), *(value.float() for value in losses.terms.values())])
    total, *terms = (distributed.summed(values * share) / distributed.size()).tolist()
    return {"loss": total, "losses": dict(zip(losses.terms, terms, strict=True))}


def _scalars(record: dict[str, Any]) -> dict[str, float]:
    """What TensorBoard draws of a line: losses, learning rate, speed, and the accuracies of evaluations."""
    named = {name: record[name] for name in ("loss", "learning_rate", "images_per_second") if name in record}
    named |= {f"loss/{name}": value for name, value in record.get("losses", {}).items()}
    for name, answer in record.get("evaluations", {}).items():
        for protocol in ("authors", "insightface"):
            if protocol in answer:
                named[f"{name}/accuracy ({protocol})"] = answer[protocol]["accuracy"]
        for measure in ("top1", "top5"):
            if measure in answer:
                named[f"{name}/{measure}"] = answer[measure]
        for level, precision in answer.get("average_precision", {}).items():
            named[f"{name}/average precision ({level})"] = precision
        for rank, found in answer.get("found_at_rank", {}).items():
            named[f"{name}/found at rank {rank}"] = found["mean"]
    return named


def _board(out: Path, first: int) -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise RecipeError(
            "TensorBoard is not installed", remedy="pip install 'foveate[tensorboard]', or drop --tensorboard."
        ) from error
    return SummaryWriter(str(out / "tensorboard"), purge_step=first + 1)
