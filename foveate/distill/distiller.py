"""Student trace, teacher trace -> scalar: what every distillation method promises."""

from abc import ABC, abstractmethod
from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from foveate.distill.trace import Trace


class Distiller(nn.Module, ABC):
    """A method compares two traces. It knows nothing of weights, networks or devices.

    Every subclass can be made without arguments, with the values of its paper.

    Attributes:
        globs: names of the modules it wants to see (shell-style patterns, see ``Taps``).
        reads: what of their calls it reads, "input", "output" or both; a cache keeps no more of the teacher.
        wants_logits: whether it needs the logits of both heads.
        relational: whether it compares faces with each other rather than each with itself.
    """

    globs: tuple[str, ...] = ()
    reads: tuple[Literal["input", "output"], ...] = ("input", "output")
    wants_logits: bool = False
    relational: bool = False

    @abstractmethod
    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        """The loss, not weighted; no gradient flows into the teacher's trace."""
