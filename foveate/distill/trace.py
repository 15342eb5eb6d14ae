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
