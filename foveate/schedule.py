"""Learning rate as a function of how far training is."""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import final

from foveate.errors import RecipeError


@dataclass(frozen=True)
class Schedule(ABC):
    """A factor on the base learning rate.

    Attributes:
        warmup: share of training over which the factor rises linearly from 0 to its value.
    """

    warmup: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.warmup < 1:
            raise RecipeError(f"a warm-up over {self.warmup} of training", remedy="Give a share from 0 to below 1.")

    def factor(self, progress: float) -> float:
        """The factor at ``progress`` in [0, 1)."""
        rise = min(1.0, progress / self.warmup) if self.warmup else 1.0
        return rise * self.after_warmup(progress)

    @abstractmethod
    def after_warmup(self, progress: float) -> float:
        """The factor without the warm-up."""


@final
@dataclass(frozen=True)
class Steps(Schedule):
    """Ten times less from the start of each of some epochs, counted from 1 (6, 11, 15, 17 of 20 in the paper)."""

    epochs: int = 20
    milestones: tuple[int, ...] = (6, 11, 15, 17)

    def after_warmup(self, progress: float) -> float:
        passed = sum(progress * self.epochs >= epoch - 1 - 1e-9 for epoch in self.milestones)
        return 0.1**passed


@final
@dataclass(frozen=True)
class Cosine(Schedule):
    """Half a cosine from 1 down to ``floor``, once or several times (Loshchilov and Hutter, ICLR 2017).

    Attributes:
        cycles: how many times; each takes as long.
        floor: the factor at the end of each.
    """

    cycles: int = 1
    floor: float = 0.0

    def after_warmup(self, progress: float) -> float:
        done = self.cycles * max(0.0, progress - self.warmup) / (1 - self.warmup)
        if abs(done - round(done)) < 1e-9 * self.cycles:  # progress is rounded; a cycle begins with its own step
            done = round(done)
        part = done - math.floor(done) if done < self.cycles else 1.0
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * part))
