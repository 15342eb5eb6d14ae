"""What an experiment asks of its network: a name, and a call that answers with JSON values."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from torch import nn


class Evaluation(ABC):
    """One question to a trained network.

    Attributes:
        name: key of the answer in ``results.json``.
    """

    name: str

    def look(self) -> None:  # noqa: B027  (what has no images of its own has nothing to look at)
        """Look at the first image, so that what cannot be judged is said before a long training, and not after it.

        Raises:
            DataError: it cannot be read, or is not as it must be.
        """

    @abstractmethod
    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """Evaluate a network that is in evaluation mode, on its own device."""

    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """The same answer, and arrays of what it was made from (a score for each pair, say), for paired tests."""
        return self(network), {}

    @abstractmethod
    def headline(self, answer: dict[str, Any]) -> str:
        """The answer in a few words, for the terminal."""
