"""Image -> embedding: what every backbone promises.

Legend: B faces, D embedding size, H x W pixels.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable

from jaxtyping import Float
from torch import Tensor, nn

from foveate.blueprint import Recorded

MakeAttention = Callable[[int], nn.Module]
"""Makes the attention module for a number of channels: ``CBAM``, or ``partial(CBAM, kernel=3)``."""


class Backbone(Recorded, nn.Module, ABC):
    """A network whose stages are named ``stage1`` to ``stage4``.

    Attributes:
        embedding: D.
        size: side of the images it takes, in pixels.
    """

    embedding: int
    size: int

    @abstractmethod
    def forward(self, images: Float[Tensor, "B 3 H W"]) -> Float[Tensor, "B D"]:
        """Embed images (faces with values in [-1, 1]); the embedding is not normalised."""

    def stage_of(self, name: str) -> str:
        """The stage that a module belongs to, by its name in ``named_modules()``."""
        return name.partition(".")[0]


def initialise(network: nn.Module) -> None:
    """Xavier-uniform weights for convolutions and linear layers, biases zero (released code)."""
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
