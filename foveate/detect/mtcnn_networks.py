"""The three networks of MTCNN (Zhang et al., IEEE Signal Processing Letters 23(10), 2016, Fig. 2).

Layers and their names are those of the weights that the package facenet-pytorch carries. Each pooling rounds sizes up,
as in Caffe, where the networks were trained.

Legend: B images, H x W pixels, H' x W' places of a 12 x 12 window that moves in steps of 2.
"""

from collections.abc import Sequence
from typing import final

from jaxtyping import Float
from torch import Tensor, nn

WINDOW, STEP = 12, 2
"""Side of what the first network sees at each place, and the distance between places, in pixels."""


@final
class ProposalNetwork(nn.Module):
    """P-Net: at every place of an image of any size, whether a face fills the window there."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.prelu1 = nn.Conv2d(3, 10, 3), nn.PReLU(10)
        self.pool1 = nn.MaxPool2d(2, 2, ceil_mode=True)
        self.conv2, self.prelu2 = nn.Conv2d(10, 16, 3), nn.PReLU(16)
        self.conv3, self.prelu3 = nn.Conv2d(16, 32, 3), nn.PReLU(32)
        self.conv4_1, self.conv4_2 = nn.Conv2d(32, 2, 1), nn.Conv2d(32, 4, 1)

    def forward(self, images: Float[Tensor, "B 3 H W"]) -> tuple[Float[Tensor, "B h w"], Float[Tensor, "B 4 h w"]]:
        """Score of each place, and by what share of the window its edges have to move."""
        x = self.pool1(self.prelu1(self.conv1(images)))
        x = self.prelu3(self.conv3(self.prelu2(self.conv2(x))))
        return self.conv4_1(x).softmax(dim=1)[:, 1], self.conv4_2(x)


class CropNetwork(nn.Module):
    """What R-Net and O-Net share: convolutions with poolings between them, one hidden layer, several answers.

    Args:
        channels: of the convolutions, from the image on.
        kernels: their sides.
        pools: sides of the poolings behind the first of them; all have stride 2.
        hidden: inputs and outputs of the hidden layer.
        answers: how many numbers each answer has.
    """

    def __init__(
        self,
        channels: Sequence[int],
        kernels: Sequence[int],
        pools: Sequence[int],
        hidden: tuple[int, int],
        answers: Sequence[int],
    ) -> None:
        super().__init__()
        self._layers, self._pools = len(kernels), len(pools)
        for number, side in enumerate(kernels, start=1):
            self.add_module(f"conv{number}", nn.Conv2d(channels[number - 1], channels[number], side))
            self.add_module(f"prelu{number}", nn.PReLU(channels[number]))
        for number, side in enumerate(pools, start=1):
            self.add_module(f"pool{number}", nn.MaxPool2d(side, 2, ceil_mode=True))
        last = self._layers + 1
        self.add_module(f"dense{last}", nn.Linear(*hidden))
        self.add_module(f"prelu{last}", nn.PReLU(hidden[1]))
        self._answers = [f"dense{last + 1}_{number}" for number in range(1, len(answers) + 1)]
        for name, numbers in zip(self._answers, answers, strict=True):
            self.add_module(name, nn.Linear(hidden[1], numbers))

    def forward(
        self, images: Float[Tensor, "B 3 S S"]
    ) -> tuple[Float[Tensor, " B"], Float[Tensor, "B 4"], Float[Tensor, "B P"]]:
        """Score of each image, the shares by which its edges have to move, and x and y of O-Net's five points."""
        x: Tensor = images
        for number in range(1, self._layers + 1):
            x = self.get_submodule(f"prelu{number}")(self.get_submodule(f"conv{number}")(x))
            x = self.get_submodule(f"pool{number}")(x) if number <= self._pools else x
        x = x.permute(0, 3, 2, 1).flatten(1)  # columns first: the weights come from Matlab
        last = self._layers + 1
        x = self.get_submodule(f"prelu{last}")(self.get_submodule(f"dense{last}")(x))
        scores, moves, *points = (self.get_submodule(name)(x) for name in self._answers)
        return scores.softmax(dim=1)[:, 1], moves, points[0] if points else moves[:, :0]


@final
class RefinementNetwork(CropNetwork):
    """R-Net: looks again at what P-Net proposed, at 24 x 24 pixels."""

    def __init__(self) -> None:
        super().__init__((3, 28, 48, 64), (3, 3, 2), (3, 3), (576, 128), (2, 4))


@final
class OutputNetwork(CropNetwork):
    """O-Net: looks at what R-Net left, at 48 x 48 pixels, and says where the five points are."""

    def __init__(self) -> None:
        super().__init__((3, 32, 64, 64, 128), (3, 3, 3, 2), (3, 3, 2), (1152, 256), (2, 4, 10))
