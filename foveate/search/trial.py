"""One trial of a search."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, final

from foveate.search.vary import Value

State = Literal["begun", "done", "failed"]


@final
@dataclass(frozen=True)
class Trial:
    """Attributes:
    number: from 0.
    settings: its value of each flag that is varied; recorded before it is run.
    state: begun as soon as its settings are recorded.
    value: what it reached; None until it is done.
    """

    number: int
    settings: Mapping[str, Value]
    state: State = "begun"
    value: float | None = None

    @property
    def name(self) -> str:
        """Of its run, and of the folder of that."""
        return f"trial-{self.number:04}"


def best_first(trials: Iterable[Trial]) -> list[Trial]:
    """Those that are done, the best first (of equals the one that was begun first), then the others."""
    return sorted(trials, key=lambda trial: (trial.value is None, -(trial.value or 0.0), trial.number))
