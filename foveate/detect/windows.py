"""Windows that a cascade of networks looks at, over a batch of photos.

Pixels are counted as in Matlab, where MTCNN's networks were trained: 1 is the first, and the last one is included.

Legend: N windows, H x W pixels of a photo, S x S of a crop.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self, final

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import batched_nms


@final
@dataclass(frozen=True)
class Windows:
    """Windows, and what a network said of them.

    Attributes:
        edges: first column, first row, last column and last row, which may lie outside of the photo.
        photo: which photo of the batch each lies in.
        scores: how sure the network is that each shows a face, from 0 to 1.
        moves: by what share of its side each edge has to move.
        points: x and y of points, if the network names any, as shares of the sides.
    """

    edges: Float[Tensor, "N 4"]
    photo: Int64[Tensor, " N"]
    scores: Float[Tensor, " N"]
    moves: Float[Tensor, "N 4"]
    points: Float[Tensor, "N P"]

    def __len__(self) -> int:
        return len(self.edges)

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """All windows of one or more groups, in their order."""
        return cls(*(torch.cat([getattr(part, item.name) for part in parts]) for item in fields(cls)))

    @property
    def sides(self) -> Float[Tensor, "N 2"]:
        """Width and height."""
        return self.edges[:, 2:] - self.edges[:, :2] + 1

    def of(self, places: Tensor) -> Self:
        """Some of them, by number or by truth value."""
        return type(self)(*(getattr(self, item.name)[places] for item in fields(self)))

    def surest(self, most: float) -> Self:
        """Without those that overlap with a surer one by more than ``most`` (intersection over union)."""
        return self.of(batched_nms(self.edges, self.scores, self.photo, most))

    def moved(self) -> Self:
        """With the edges where the network wants them."""
        return replace(self, edges=self.edges + self.moves * self.sides.repeat(1, 2))

    def squared(self) -> Self:
        """Squares about the same centres, as large as the longer side."""
        centre = (self.edges[:, :2] + self.edges[:, 2:]) / 2
        half = (self.sides.amax(dim=1, keepdim=True) - 1) / 2
        return replace(self, edges=torch.cat([centre - half, centre + half], dim=1))

    def inside(self, height: int, width: int) -> Self:
        """Those that show a pixel of a photo of this size."""
        most = self.edges.new_tensor([width, height])
        shown = (self.edges[:, :2] < most + 1) & (self.edges[:, 2:] >= 1) & (self.sides >= 1)
        return self.of(shown.all(dim=1))

    def cut(self, images: Float[Tensor, "B 3 H W"], side: int) -> Float[Tensor, "N 3 S S"]:
        """What they show of the photos, in whole pixels, each resized to ``side`` by averaging."""
        crops = [images.new_zeros(0, 3, side, side)]
        for photo, pixels in zip(self.photo.tolist(), self.edges.int().tolist(), strict=True):
            left, top, right, bottom = (max(pixel, 1) for pixel in pixels)
            shown = images[photo, :, top - 1 : bottom, left - 1 : right]
            crops.append(F.adaptive_avg_pool2d(shown[None], side))
        return torch.cat(crops)
