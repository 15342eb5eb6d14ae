"""x -> x * gate(x): what every attention module promises.

Legend: B images, C channels, H x W pixels.

The last step of each map is a submodule named ``gate``: what it receives are the logits, what it answers is the
map, both reachable by ``Taps`` with the glob ``*.gate``. A map of shape (B, C, 1, 1) says which channels matter,
one of shape (B, 1, H, W) where to look.
"""

from abc import ABC, abstractmethod

from jaxtyping import Float
from torch import Tensor, nn


class Attention(nn.Module, ABC):
    """Subclasses take the number of channels as their first argument."""

    @abstractmethod
    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C H W"]:
        """Weigh features by where and what matters."""
