"""The loader of the plain path: each image decoded, flipped and degraded by itself, as in the authors' released code.

Legend: H x W pixels of one face, H = W = size.
"""

from typing import final

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import Dataset

from foveate.data.decode import decode
from foveate.data.labelled import LabelledImages

Example = tuple[Tensor, Tensor, int]
"""Sharp face (3, H, W), degraded face (3, H, W), class."""


@final
class PlainFaces(Dataset[Example]):
    """A training set of single examples: the sharp face, the degraded face, the class.

    Args:
        images: where the faces come from.
        side: of the small face in pixels.
    """

    def __init__(self, images: LabelledImages, side: int) -> None:
        self._images, self._side = images, side

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Example:
        images = self._images
        pixels = decode(images.encoded(index), file=images.path, record=images.record(index))
        high, low = plain_views(pixels, side=self._side, mirrored=bool(np.random.randint(2)))
        return high, low, int(images.labels[index])


def plain_views(
    pixels: UInt8[np.ndarray, "H W 3"], *, side: int, mirrored: bool
) -> tuple[Float[Tensor, "3 H W"], Float[Tensor, "3 H W"]]:
    """One face as teacher and student see it: nearest neighbour down and up, then the blur (docs/method.md).

    Args:
        pixels: RGB; networks see BGR, as the authors' do.
        side: of the small face in pixels.
        mirrored: whether the face is flipped first.
    """
    seen = np.ascontiguousarray(pixels[:, ::-1, ::-1] if mirrored else pixels[:, :, ::-1])
    high = torch.from_numpy(seen).permute(2, 0, 1).contiguous().float().div(255).sub(0.5).div(0.5)
    small = F.interpolate(high[None], size=side)
    large = F.pad(F.interpolate(small, size=high.shape[-1]), (2, 2, 2, 2), mode="reflect")
    return high, F.conv2d(large, _KERNEL, groups=3)[0]


def _gaussian(sigma: float) -> Float[Tensor, "5"]:
    weights = torch.exp(-0.5 * (torch.arange(-2.0, 3.0) / sigma) ** 2)
    return weights / weights.sum()


_KERNEL = torch.outer(_gaussian(2.0), _gaussian(0.1)).expand(3, 1, 5, 5).contiguous()
"""Sigma 2 along the height and 0.1, which is nothing, along the width: what the released code does."""
