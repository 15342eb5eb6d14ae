"""A face of any size becomes one of the size that the network takes; no detail is removed that it has.

Legend: H x W pixels before, S x S after.
"""

from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from foveate.degrade.matrices import bicubic, nearest

Resize = Literal["bicubic", "nearest"]


def resize(image: UInt8[Tensor, "H W 3"], size: int, *, by: Resize = "bicubic") -> UInt8[Tensor, "S S 3"]:
    """Resize one image to a square, each axis by itself, on the image's device.

    Args:
        image: of any size.
        size: S.
        by: ``bicubic`` as in the preset ``paper``, the overshoot of its kernel cut off at 0 and 255 as in any image
            file; ``nearest`` by the floor rule, as in the preset ``released``.

    Returns:
        The image itself where it has that size.
    """
    height, width, _ = image.shape
    if height == width == size:
        return image
    rows, columns = (_matrix(side, size, by, image.device) for side in (height, width))
    return (rows @ image.permute(2, 0, 1).float() @ columns.mT).round_().clamp_(0, 255).byte().permute(1, 2, 0)


@lru_cache(maxsize=256)
def _matrix(source: int, target: int, by: Resize, device: torch.device) -> Float32[Tensor, "S side"]:
    # Kept beyond this call, so it must not become an inference tensor, through which no gradient can flow later.
    with torch.inference_mode(False):
        return (bicubic if by == "bicubic" else nearest)(source, target).to(device, torch.float32)
