"""A network's answer, what it should have been -> loss: what every head promises, whatever the task.

Legend: B images.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import NamedTuple

from jaxtyping import Float, Shaped
from torch import Tensor, nn

from foveate.blueprint import Recorded


class Scored(NamedTuple):
    """What a head says of a batch."""

    loss: Float[Tensor, ""]
    """Of the batch, with the head's penalty."""
    logits: Float[Tensor, "B N"]
    """The scaled logits, with the margin of the given labels: what logit distillation compares."""
    terms: Mapping[str, Float[Tensor, ""]] = {}
    """What the loss was added up from, not weighted, where it has parts worth a line in the log."""


class Criterion(Recorded, nn.Module, ABC):
    """Scores what a network answers."""

    @abstractmethod
    def forward(
        self, embedding: Float[Tensor, "B *answer"], label: Shaped[Tensor, "B *target"], progress: float = 1.0
    ) -> Scored:
        """The loss of a batch.

        Args:
            embedding: the network's answers.
            label: what is to be learnt of each image.
            progress: how far training is, in [0, 1].
        """
