"""What one network did with one batch: what it answered, and where it looked.

Legend: B faces, D embedding size, N classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jaxtyping import Float
from torch import Tensor

from foveate.taps import Caught


@dataclass(frozen=True)
class Trace:
    """Attributes:
    embedding: the network's answer.
    logits: what the head made of it; None where no distiller asks for it.
    caught: for each glob of the distillers, what the modules matching it received and answered, in order.
    """

    embedding: Float[Tensor, "B D"]
    logits: Float[Tensor, "B N"] | None
    caught: Mapping[str, tuple[Caught, ...]]

    def split(self, parts: int) -> "list[Trace]":
        """The traces of parts of the batch, in order, as ``torch.tensor_split`` cuts it."""
        cut = {
            glob: [(call.name, call.input.tensor_split(parts), call.output.tensor_split(parts)) for call in calls]
            for glob, calls in self.caught.items()
        }
        logits = [None] * parts if self.logits is None else self.logits.tensor_split(parts)
        return [
            Trace(
                embedding,
                logits[part],
                {glob: tuple(Caught(name, a[part], b[part]) for name, a, b in calls) for glob, calls in cut.items()},
            )
            for part, embedding in enumerate(self.embedding.tensor_split(parts))
        ]
