"""Resizing and blurring along one axis, as matrices.

Legend: S pixels before, T pixels after.
"""

from functools import lru_cache

import torch
from jaxtyping import Float64
from torch import Tensor
from torch.nn import functional as F

from foveate.errors import RecipeError


@lru_cache(maxsize=64)
def bicubic(source: int, target: int, *, antialias: bool = True) -> Float64[Tensor, "T S"]:
    """Bicubic resampling, pixel centres aligned at half-pixel positions (``align_corners=False``).

    With ``antialias`` the kernel (a = -0.5) is widened when shrinking, as Pillow does; without it the kernel
    (a = -0.75) keeps its four taps and shrinking is aliased, as OpenCV does.
    """
    identity = torch.eye(source, dtype=torch.float64)[None, None]
    # Resizing the identity along its rows writes out the matrix; along the columns nothing changes.
    return F.interpolate(identity, (target, source), mode="bicubic", align_corners=False, antialias=antialias)[0, 0]


@lru_cache(maxsize=64)
def nearest(source: int, target: int) -> Float64[Tensor, "T S"]:
    """Nearest neighbour by the floor rule: output pixel i copies input pixel floor(i * source / target)."""
    picked = torch.arange(target) * source // target
    return F.one_hot(picked, source).to(torch.float64)


def gaussian(size: int, sigma: Float64[Tensor, " B"], *, taps: int = 5) -> Float64[Tensor, "B size size"]:
    """Gaussian blur with ``taps`` taps and reflected borders, one matrix for each sigma (in pixels of this axis).

    A sigma of 0 gives the identity.
    """
    reach = taps // 2
    if size <= reach:
        raise RecipeError(
            f"a blur of {taps} taps needs more than {reach} pixels, the image has {size}",
            remedy="Choose a larger side or turn the blur off (sigma 0).",
        )
    offset = torch.arange(-reach, reach + 1, dtype=torch.float64, device=sigma.device)
    weights = torch.exp(-0.5 * (offset / sigma[:, None].clamp_min(1e-3)) ** 2)
    weights = weights / weights.sum(dim=1, keepdim=True)
    # Row i of the blur matrix gathers pixels i - reach .. i + reach, folded back at the borders.
    pixel = torch.arange(size, device=sigma.device)[:, None] + offset.long()
    pixel = (size - 1) - (pixel.abs() - (size - 1)).abs()
    matrix = torch.zeros(len(sigma), size, size, dtype=torch.float64, device=sigma.device)
    return matrix.scatter_add_(2, pixel.expand(len(sigma), -1, -1), weights[:, None].expand(-1, size, -1).contiguous())
