"""Photos in batches, decoded by threads while the ones before are worked on.

Legend: H x W pixels.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import UInt8

from foveate.align.photo import read_photo
from foveate.errors import DataError

PIXELS: Final = 1 << 25
"""Of photos in a batch; one that reaches this is not added to, so that memory stays bounded."""


@final
@dataclass(frozen=True)
class Loaded:
    """One photo.

    Attributes:
        name: path below the folder of photos.
        pixels: upright; None if it cannot be read.
        problem: why it cannot be read.
        state: of its file, as ``file_state`` says it.
    """

    name: str
    pixels: UInt8[np.ndarray, "H W 3"] | None
    problem: str = ""
    state: str = ""


def file_state(file: Path) -> str:
    """Size and time of a file: another one where a photo was replaced. Nothing where there is no file to look at."""
    try:
        stat = file.stat()
    except OSError:
        return ""
    return f"{stat.st_size} {stat.st_mtime_ns}"


def batches(
    folder: Path, names: Sequence[str], pool: ThreadPoolExecutor, *, batch: int, ahead: int
) -> Iterator[list[Loaded]]:
    """Read photos in their order.

    Args:
        folder, names: the photos.
        pool: threads that decode.
        batch: photos in a batch, at most.
        ahead: photos that are decoded ahead.
    """
    part: list[Loaded] = []
    for photo in _in_order(folder, names, pool, ahead):
        part.append(photo)
        if len(part) == batch or sum(item.pixels.size // 3 for item in part if item.pixels is not None) >= PIXELS:
            yield part
            part = []
    if part:
        yield part


def _in_order(folder: Path, names: Sequence[str], pool: ThreadPoolExecutor, ahead: int) -> Iterator[Loaded]:
    waiting: deque[Future[Loaded]] = deque()
    for name in names:
        waiting.append(pool.submit(_load, folder, name))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _load(folder: Path, name: str) -> Loaded:
    file = folder / name
    state = file_state(file)
    try:
        return Loaded(name, read_photo(file.read_bytes(), file=file), state=state)
    except DataError as error:
        return Loaded(name, None, error.problem, state)
    except OSError as error:
        return Loaded(name, None, f"cannot be read ({error.strerror})", state)
