"""Writes down once what a teacher says of every face; students then train without it (``foveate.cached_teacher``).

Legend: B faces, M numbers a row.
"""

import errno
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from foveate import distributed
from foveate.cached_teacher import CachedTeacher, Kept
from foveate.data.loader import in_order
from foveate.distill.trace import Trace
from foveate.errors import RecipeError, TrainingError
from foveate.experiment import Experiment
from foveate.files import lock, write_json
from foveate.precision import autocast
from foveate.run import Run, Watcher
from foveate.teacher import LiveTeacher
from foveate.views import Batch

FORMAT: Final = 1
"""Version of the layout."""

_BATCH: Final = 64
_SAVE_EVERY: Final = 20  # batches
_PAUSE: Final = 1.0  # seconds


@dataclass(frozen=True)
class CachePlan:
    """What a cache will hold, and what it costs.

    Attributes:
        kept: the tensors of a row; the embedding follows them.
        embedding: D.
        images: N.
        seconds: of the teacher's passes, measured on a few images; 0 where it was not measured.
    """

    kept: tuple[Kept, ...]
    embedding: int
    images: int
    seconds: float = 0.0

    @property
    def width(self) -> int:
        """M."""
        return sum(prod(item.shape) for item in self.kept) + self.embedding

    @property
    def bytes(self) -> int:
        """Of the whole file: two bytes a number, two rows an image."""
        return 2 * 2 * self.width * self.images

    def words(self) -> str:
        """Size and time for people."""
        each = f"{2 * 2 * self.width / 1024:.0f} KiB an image, {self.bytes / 2**30:.2f} GiB in all"
        return f"{each}, about {self.seconds / 60:.1f} min" if self.seconds else each


@dataclass(frozen=True)
class Sitting:
    """A teacher and all it is to be asked.

    Attributes:
        teacher: live, with the globs of all its students' distillers.
        reads: what of the calls of the modules they read, "input", "output" or both.
        experiment: of one of the students, for the images and how they are seen.
        run: how it is run.
        device: where.
    """

    teacher: LiveTeacher
    reads: tuple[str, ...]
    experiment: Experiment
    run: Run
    device: torch.device

    def traces(self, numbers: range) -> Iterator[tuple[Tensor, Trace]]:
        """What the teacher says of some images and of their mirror images, and which rows of a cache these are."""
        experiment = self.experiment
        for pixels, label, position in in_order(
            experiment.images, numbers, batch=_BATCH, framing=experiment.framing, workers=self.run.workers
        ):
            for views in experiment.views.sharp(Batch(pixels.to(self.device), label.to(self.device), position)):
                assert views.seen is not None
                with autocast(self.device, self.run.precision):
                    yield views.seen, self.teacher(views)


def plan_cache(sitting: Sitting) -> CachePlan:
    """What the cache of a teacher would hold, and how long it would take to make.

    Raises:
        RecipeError: training shows the teacher more than mirror images, or a distiller wants to see whole features
            rather than attention maps.
        DataError: an image that cannot be used.
    """
    sitting.teacher.to(sitting.device).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue] -- torch's stub
    images = len(sitting.experiment.images)
    start, few = time.perf_counter(), min(_BATCH, images)
    (_, trace), *_ = list(sitting.traces(range(few)))
    seconds = (time.perf_counter() - start) / few * images / distributed.size()
    kept = tuple(
        Kept(glob, call.name, side, tuple(getattr(call, side).shape[1:]), call.stage)
        for glob, calls in trace.caught.items()
        for call in calls
        for side in sitting.reads
    )
    for item in kept:
        if len(item.shape) != 3 or (item.shape[0] > 1 and item.shape[1] * item.shape[2] > 1):
            raise RecipeError(
                f"the {item.side} of {item.name} is features of shape {item.shape}, which are too many to keep",
                remedy="A cache holds attention maps, embeddings and logits; train this method without --cache.",
            )
    return CachePlan(kept, trace.embedding.shape[1], images, seconds)


def cached_teacher(sitting: Sitting) -> CachedTeacher:
    """The same teacher from a cache in ``run.cache``, which is made if it is not there.

    A cache that was half made goes on where it stopped. Each teacher, set of data and precision has a folder of its
    own; of several processes that want the same one, one makes it and the others wait.

    Raises:
        RecipeError: as ``plan_cache``, or the disk is too small.
        DataError: an image that cannot be used.
        TrainingError: the teacher answers with numbers that float16 cannot hold.
    """
    teacher, run = sitting.teacher, sitting.run
    assert run.cache is not None
    plan = plan_cache(sitting)
    key = {
        "format": FORMAT,
        "teacher": teacher.fingerprint,
        "data": sitting.experiment.images.state(),
        "colour": sitting.experiment.views.channels,
        "precision": run.precision,
        "kept": hashlib.sha256(json.dumps([asdict(item) for item in plan.kept]).encode()).hexdigest(),
    }
    name = hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()
    folder = run.cache / f"{teacher.fingerprint[:12]}-{name[:8]}"
    with _alone(folder, run.watcher):
        if not distributed.collected(_is_complete(folder, key))[0]:
            _make(folder, key, plan, sitting)
    teacher.to("cpu")
    return CachedTeacher(folder, teacher.head).to(sitting.device)


@contextmanager
def _alone(folder: Path, watcher: Watcher) -> Iterator[None]:
    """Wait until no other process is making this cache; all ranks ask again together, so none waits long."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f".{folder.name}.lock").open("w") if distributed.is_first() else nullcontext() as file:
        told = False
        while not distributed.collected(file is None or lock(file))[0]:
            if distributed.is_first() and not told:
                watcher.say(f"another process keeps what the teacher says, in {folder}; waiting for it")
            told = True
            time.sleep(_PAUSE)
        yield


def _is_complete(folder: Path, key: Mapping[str, Any]) -> bool:
    try:
        card = json.loads((folder / "card.json").read_text())
    except (OSError, ValueError):
        return False
    size = 2 * card.get("rows", 0) * card.get("width", 0)
    file = folder / "maps.f16"
    return card.get("key") == key and file.is_file() and file.stat().st_size == size


def _make(folder: Path, key: Mapping[str, Any], plan: CachePlan, sitting: Sitting) -> None:
    mine, watcher = distributed.share(plan.images), sitting.run.watcher
    if distributed.is_first():
        _prepare(folder, key, plan)
        watcher.say(f"keeping what the teacher says: {plan.words()}, in {folder}")
        others = [each.parent.name for each in folder.parent.glob("*/card.json") if each.parent != folder]
        if others:
            watcher.say(
                f"beside it lie {len(others)} others, of another teacher or other data; delete what is not needed"
            )
    distributed.barrier()
    error = _write_rows(folder, plan, sitting, mine)
    errors = distributed.collected(error)
    if distributed.is_first():
        (folder / "maps.partial").replace(folder / "maps.f16")
        card = {"key": dict(key), "rows": 2 * plan.images, "width": plan.width, "embedding": plan.embedding}
        card |= {"kept": [asdict(item) for item in plan.kept], "largest_rounding_error": max(errors)}
        write_json(folder / "card.json", card)
        for file in [*folder.glob("made-*.json"), folder / "begun.json"]:
            file.unlink()
        changed = f"rounding to float16 changed no number by more than {max(errors):.2g}"
        watcher.say(f"kept {2 * plan.images:,} rows; {changed}")
    distributed.barrier()


def _write_rows(folder: Path, plan: CachePlan, sitting: Sitting, mine: range) -> float:
    """Write this rank's rows, from where it stopped; returns the largest error of rounding."""
    made = folder / f"made-{distributed.rank()}.json"
    rows = np.memmap(folder / "maps.partial", np.float16, "r+", shape=(2 * plan.images, plan.width))
    done, error = _read_progress(made)
    for number, (seen, trace) in enumerate(sitting.traces(range(mine.start + done, mine.stop)), start=1):
        exact = _row(plan, trace)
        half = exact.half()
        if not half.isfinite().all():
            raise TrainingError(
                "the teacher answers with numbers that float16 cannot hold",
                file=folder,
                remedy="Train without --cache, and look whether the teacher has diverged.",
            )
        error = max(error, float((exact - half.float()).abs().max()))
        rows[seen.numpy()] = half.cpu().numpy()
        done = int(seen[-1]) // 2 + 1 - mine.start
        if number % (2 * _SAVE_EVERY) == 0:  # an even number: with their mirror images
            rows.flush()
            write_json(made, {"images": done, "error": error})
        sitting.run.watcher.step(done, len(mine), None)
    rows.flush()
    write_json(made, {"images": len(mine), "error": error})
    return error


def _row(plan: CachePlan, trace: Trace) -> Float[Tensor, "B M"]:
    calls = {(glob, call.name): call for glob, found in trace.caught.items() for call in found}
    parts = [getattr(calls[item.glob, item.name], item.side).float().flatten(1) for item in plan.kept]
    return torch.cat([*parts, trace.embedding.float()], dim=1)


def _prepare(folder: Path, key: Mapping[str, Any], plan: CachePlan) -> None:
    """An empty file of the right size, unless there is a part of this very cache already."""
    begun = folder / "begun.json"
    ranks = {"key": dict(key), "ranks": distributed.size()}
    try:
        if json.loads(begun.read_text()) == ranks and (folder / "maps.partial").is_file():
            return
    except (OSError, ValueError):
        pass
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    free = shutil.disk_usage(folder).free
    try:
        _reserve(folder / "maps.partial", plan.bytes)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise RecipeError(
            f"the cache needs {plan.bytes / 2**30:.1f} GiB, the disk has {free / 2**30:.1f} GiB left",
            file=folder,
            remedy="Name a folder on a larger disk with --cache, or train without it.",
        ) from error
    write_json(begun, ranks)


def _reserve(path: Path, size: int) -> None:
    """A file of so many bytes, all of them on the disk: where it is full, a write into a mapped file only kills."""
    if shutil.disk_usage(path.parent).free < size:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with path.open("wb") as file:
        file.truncate(size)
        if hasattr(os, "posix_fallocate"):  # not on macOS
            os.posix_fallocate(file.fileno(), 0, size)


def _read_progress(file: Path) -> tuple[int, float]:
    if not file.exists():
        return 0, 0.0
    found = json.loads(file.read_text())
    return found["images"], found["error"]
