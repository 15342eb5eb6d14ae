"""Where the teacher looks in a batch: its trace, from the network itself or from what was kept of it.

Legend: B faces, D embedding size.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Self, final

import torch
from torch import nn

from foveate.distill.trace import Trace
from foveate.fold import folded
from foveate.heads.head import Head
from foveate.model_file import digest
from foveate.taps import Taps
from foveate.views import Views


class Teacher(nn.Module, ABC):
    """Answers a batch with a trace, without gradients. Nothing of it is trained, ever."""

    @abstractmethod
    def forward(self, views: Views, progress: float = 1.0) -> Trace:
        """What the teacher says of the sharp view.

        Args:
            views: the teacher sees ``high``.
            progress: how far training is, in [0, 1], for a head whose margin grows.
        """

    def train(self, mode: bool = True) -> Self:
        """Nothing: a teacher stays in evaluation mode."""
        return super().train(False)


@final
class LiveTeacher(Teacher):
    """A network that looks at every batch anew.

    Args:
        network: trained; a copy is kept, with BatchNorm folded into convolutions (``foveate.fold``).
        head: for distillers that compare logits.
        globs: names of the modules that distillers want to see.

    Raises:
        RecipeError: a glob matches no module.
    """

    def __init__(self, network: nn.Module, *, head: Head | None = None, globs: Iterable[str] = ()) -> None:
        super().__init__()
        self.fingerprint = digest(network.state_dict())
        self._plain = (network,)  # no submodule: it stays where it is
        taps = Taps(network, globs)
        self.network, self.head = folded(network, {name for names in taps.names.values() for name in names}), head
        self._taps = Taps(self.network, globs)
        self.requires_grad_(False)
        self.train(False)

    @property
    def globs(self) -> tuple[str, ...]:
        """The globs it was made with."""
        return tuple(self._taps.names)

    @torch.no_grad()
    def forward(self, views: Views, progress: float = 1.0) -> Trace:
        embedding, caught = self._taps(views.high)
        scored = None if self.head is None else self.head(embedding, views.target, progress)
        return Trace(embedding, None if scored is None else scored.logits, caught, views.target)

    def with_globs(self, globs: Iterable[str], head: Head | None) -> "LiveTeacher":
        """The same teacher for more distillers: it also shows what matches ``globs``."""
        return LiveTeacher(*self._plain, head=self.head or head, globs=dict.fromkeys((*self.globs, *globs)))
