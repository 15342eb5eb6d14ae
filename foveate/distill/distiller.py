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
        relational: whether it compares faces with each other rather than each with itself. Of several ranks, each then
            gets the embeddings and labels of all faces (but no logits).
        gathers: those of its globs of which a relational method gets the features of all faces, too.
        across: whether teacher and student may be of different architectures.
        learns: whether it has weights of its own, which ``prepare`` makes.
    """

    globs: tuple[str, ...] = ()
    reads: tuple[Literal["input", "output"], ...] = ("input", "output")
    wants_logits: bool = False
    relational: bool = False
    gathers: tuple[str, ...] = ()
    across: bool = False
    learns: bool = False

    def prepare(self, student: Trace) -> None:
        """Make the weights of a method that learns; called once, before there is an optimiser.

        Args:
            student: a trace of one face whose tensors have a shape and no content (device ``meta``).
        """

    @abstractmethod
    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        """The loss, not weighted; no gradient flows into the teacher's trace."""
