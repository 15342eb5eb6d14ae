"""Which anchor is to find which face: the one it overlaps most, if enough (RetinaNet's rule with TinaFace's bounds).

Legend: A anchors, M faces.
"""

from typing import Final

import torch
from jaxtyping import Float, Int64
from torch import Tensor
from torchvision.ops import box_iou

ENOUGH: Final = 0.35
"""Intersection over union from which an anchor is to find a face; below it, there is none to be found."""

NOBODY: Final = -1


def assign(
    anchors: Float[Tensor, "A 4"], faces: Float[Tensor, "M 4"], *, enough: float = ENOUGH
) -> Int64[Tensor, " A"]:
    """The number of each anchor's face, or ``NOBODY``.

    An anchor takes the face it overlaps most, if by ``enough``. Then every face takes the anchors that overlap it most
    of all (all of them, where several overlap it alike), if by ``enough``; of two such faces the later one has it.
    """
    if not len(faces):
        return torch.full((len(anchors),), NOBODY, device=anchors.device)
    shared = box_iou(faces, anchors)
    most, nearest = shared.max(0)
    chosen = torch.where(most >= enough, nearest, NOBODY)
    best = shared.max(1).values
    own = (shared == best[:, None]) & (best[:, None] >= enough)
    # The later of two faces: the largest number among those that claim the anchor.
    numbers = torch.arange(len(faces), device=faces.device)[:, None]
    claimed = torch.where(own, numbers, NOBODY).max(0).values
    return torch.where(claimed > NOBODY, claimed, chosen)
