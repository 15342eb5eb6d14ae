"""The crop of a face: the photo seen through a similarity.

Legend: H x W pixels of the photo, S x S of the crop.
"""

import math

import numpy as np
import torch
from jaxtyping import Float64, UInt8
from torch import Tensor


@torch.inference_mode()
def warp(
    photo: UInt8[Tensor, "H W 3"], matrix: Float64[np.ndarray, "2 3"], size: int, *, antialias: bool = False
) -> UInt8[Tensor, "S S 3"]:
    """Warp bilinearly as OpenCV's ``warpAffine``: pixel centres lie at whole numbers, outside of the photo is black.

    Args:
        photo: RGB, on any device.
        matrix: takes places of the photo to places of the crop.
        size: S.
        antialias: where the photo is shrunk, average over as many samples a side as it is shrunk by, instead of taking
            one sample for each pixel of the crop.
    """
    inverse = torch.from_numpy(np.linalg.inv(np.vstack([matrix, [0.0, 0.0, 1.0]]))[:2]).to(photo.device)
    shrunk = math.sqrt(abs(float(np.linalg.det(inverse.cpu()[:, :2]))))
    samples = max(1, math.ceil(shrunk - 1e-6)) if antialias else 1
    place = (torch.arange(size * samples, dtype=torch.float64, device=photo.device) + 0.5) / samples - 0.5
    y, x = torch.meshgrid(place, place, indexing="ij")
    across, down = (row[0] * x + row[1] * y + row[2] for row in inverse)
    drawn = _sampled(photo, across, down)
    drawn = drawn.view(size, samples, size, samples, 3).mean(dim=(1, 3))
    return drawn.round_().clamp_(0, 255).byte()


def _sampled(photo: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """The photo at any places, from the four pixels around each."""
    height, width, _ = photo.shape
    left, top = x.floor(), y.floor()
    found = 0
    for column, row in ((left, top), (left + 1, top), (left, top + 1), (left + 1, top + 1)):
        inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
        weight = (1 - (x - column).abs()) * (1 - (y - row).abs()) * inside
        pixel = photo[row.clamp(0, height - 1).long(), column.clamp(0, width - 1).long()]
        found = found + weight[..., None] * pixel
    return found
