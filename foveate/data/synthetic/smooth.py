"""Smooth fields: a few random numbers become soft patches of colour or light over a whole picture.

Legend: B faces, C channels, N x N nodes, H x W pixels.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F


def smooth(nodes: Float[Tensor, "B C N N"], size: int) -> Float[Tensor, "B C H W"]:
    """Bicubic interpolation over a square of ``size`` pixels a side, written as two products with one matrix."""
    eye = torch.eye(nodes.shape[-1], device=nodes.device)[None, None]
    spread = F.interpolate(eye, size=(size, nodes.shape[-1]), mode="bicubic", align_corners=True)[0, 0]
    return spread @ nodes @ spread.T
