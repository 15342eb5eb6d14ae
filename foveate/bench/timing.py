"""Times of two or more callables that take turns in one process, so that whatever slows the machine slows them all.

A single time says little on a shared machine. The ratio of two that alternate (A B A B ...) says much more: each round
gives one ratio, and the range over the rounds tells how far to trust the median.
"""

import ctypes
import gc
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, final

import torch

from foveate.errors import RecipeError
from foveate.memory import keep_freed_memory


@final
@dataclass(frozen=True)
class Candidate:
    """Something to be timed.

    Attributes:
        call: one call is one measurement; what it answers is dropped.
        items: images, pairs or searches that one call handles.
        keep_memory: whether it runs with freed memory kept (``foveate.memory``), as our path does, or with the C
            library's own way of allocating, as the released code does.
    """

    call: Callable[[], object]
    items: int = 1
    keep_memory: bool = True


@final
@dataclass(frozen=True)
class Durations:
    """What the repeats of one candidate took.

    Attributes:
        seconds: of each repeat, in order.
        items: that one repeat handles.
        page_faults: pages of memory that the system had to clear for this process in each repeat; few where freed
            memory is kept.
    """

    seconds: tuple[float, ...]
    items: int
    page_faults: tuple[int, ...]

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)

    @property
    def rate(self) -> float:
        """Items a second, of the median."""
        return self.items / self.median

    def to_json(self) -> dict[str, Any]:
        """JSON values, with median, range and rate."""
        known = {"median": self.median, "least": min(self.seconds), "most": max(self.seconds), "rate": self.rate}
        return {**known, **asdict(self)}


@final
@dataclass(frozen=True)
class Ratio:
    """How many times as long one candidate takes for an item as another.

    Attributes:
        median: ratio of the medians.
        least, most: range of the ratios within one round.
    """

    median: float
    least: float
    most: float


@final
@dataclass(frozen=True)
class Comparison:
    """Durations of candidates that took turns.

    Attributes:
        durations: by name; all have the same number of repeats.
    """

    durations: Mapping[str, Durations]

    def ratio(self, slow: str, fast: str) -> Ratio:
        """Seconds an item of ``slow`` over seconds an item of ``fast``.

        Raises:
            RecipeError: no candidate has that name.
        """
        for name in (slow, fast):
            if name not in self.durations:
                raise RecipeError(f"nothing called {name!r} was timed", remedy=f"Choose from {[*self.durations]}.")
        above, below = self.durations[slow], self.durations[fast]
        share = below.items / above.items
        rounds = [share * one / other for one, other in zip(above.seconds, below.seconds, strict=True)]
        return Ratio(share * above.median / below.median, min(rounds), max(rounds))

    def to_json(self) -> dict[str, Any]:
        """JSON values by candidate."""
        return {name: durations.to_json() for name, durations in self.durations.items()}


def compare(
    candidates: Mapping[str, Candidate],
    *,
    repeats: int = 5,
    warmup: int = 1,
    device: torch.device | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Comparison:
    """Time candidates in turn: all are warmed up first, then each round calls each of them once.

    Before every call the allocator is set as its candidate wants it, and memory that is free by then is handed back to
    the system where the candidate does not keep it. Where candidates differ in that, each timed call follows one of the
    same candidate that is not timed, so that none pays for the pages of another. Nothing of this is timed.

    Args:
        candidates: by name.
        repeats: rounds, at least one.
        warmup: calls of each candidate that are not timed.
        device: waited for before the clock is read; the CPU needs no waiting.
        tell: hears the name of what runs now.

    Raises:
        RecipeError: nothing to time, or no repeat.
    """
    if not candidates or repeats < 1 or warmup < 0:
        raise RecipeError(
            f"{len(candidates)} candidates cannot be timed {repeats} times after {warmup} calls",
            remedy="Give one candidate or more, one repeat or more, and no negative warm-up.",
        )
    mixed = len({candidate.keep_memory for candidate in candidates.values()}) > 1
    taken: dict[str, list[tuple[float, int]]] = {name: [] for name in candidates}
    try:
        gc.collect()
        for turn in range(-warmup, repeats):
            for name, candidate in candidates.items():
                tell(f"{name}, " + ("warming up" if turn < 0 else f"{turn + 1} of {repeats}"))
                _set_memory(candidate)
                if mixed and turn >= 0:
                    candidate.call()
                found = _once(candidate, device)
                if turn >= 0:
                    taken[name].append(found)
    finally:
        keep_freed_memory()
    durations = {
        name: Durations(tuple(time for time, _ in found), candidates[name].items, tuple(faults for _, faults in found))
        for name, found in taken.items()
    }
    return Comparison(durations)


def _set_memory(candidate: Candidate) -> None:
    """Set the allocator; give free memory back, or a candidate that keeps none would inherit what another one kept."""
    keep_freed_memory(candidate.keep_memory)
    if not candidate.keep_memory and sys.platform.startswith("linux"):
        getattr(ctypes.CDLL(None), "malloc_trim", _nothing)(0)


def _once(candidate: Candidate, device: torch.device | None) -> tuple[float, int]:
    """Seconds, and pages cleared, of one call."""
    wait(device)
    faults = _page_faults()
    start = time.perf_counter()
    candidate.call()
    wait(device)
    seconds = time.perf_counter() - start
    return seconds, _page_faults() - faults


def _page_faults() -> int:
    """So far in this process; 0 on systems that do not count them."""
    if sys.platform == "win32":
        return 0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def _nothing(_: int) -> None:
    """What a C library that cannot hand memory back does."""


def wait(device: torch.device | None) -> None:
    """Wait until a GPU has done all it was given; the CPU has by itself."""
    if device is not None and device.type == "cuda":
        torch.cuda.synchronize(device)
