"""Boxes as networks answer them, and how much they overlap.

Legend: N and M boxes, each with left, top, right and bottom edge in pixels.
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

DEVIATIONS: Final = (0.1, 0.1, 0.2, 0.2)
"""By which the four numbers of an answer are multiplied (Ren et al., "Faster R-CNN", 2015; usual values)."""

_MOST: Final = 4.135  # log(1000 / 16): a box is at most 62 times as wide or high as its anchor, as is usual


def encode(boxes: Float[Tensor, "N 4"], anchors: Float[Tensor, "N 4"]) -> Float[Tensor, "N 4"]:
    """What a network must answer at each anchor for a box: shifts of the centre, logarithms of width and height."""
    (centre, size), (at, own) = _centred(boxes), _centred(anchors)
    return torch.cat([(centre - at) / own, (size / own).log()], dim=1) / boxes.new_tensor(DEVIATIONS)


def decode(answers: Float[Tensor, "*B N 4"], anchors: Float[Tensor, "N 4"]) -> Float[Tensor, "*B N 4"]:
    """The boxes that answers mean."""
    at, own = _centred(anchors)
    shift, stretch = (answers * answers.new_tensor(DEVIATIONS)).split(2, dim=-1)
    centre, size = at + shift * own, own * stretch.clamp(-_MOST, _MOST).exp()
    return torch.cat([centre - size / 2, centre + size / 2], dim=-1)


def overlap(boxes: Float[Tensor, "*B 4"], others: Float[Tensor, "*B 4"]) -> Float[Tensor, "*B"]:
    """Intersection over union of each box with the other at its place; 0 for two boxes without area."""
    common = (torch.minimum(boxes[..., 2:], others[..., 2:]) - torch.maximum(boxes[..., :2], others[..., :2])).clamp(0)
    shared = common.prod(-1)
    union = sum((each[..., 2:] - each[..., :2]).clamp(0).prod(-1) for each in (boxes, others)) - shared
    return shared / torch.where(union > 0, union, torch.ones_like(union))


def distance_overlap(boxes: Float[Tensor, "*B 4"], others: Float[Tensor, "*B 4"]) -> Float[Tensor, "*B"]:
    """DIoU (Zheng et al., AAAI 2020): IoU - d^2 / c^2, d between the centres, c the diagonal of the box around both."""
    apart = (_centred(boxes)[0] - _centred(others)[0]).square().sum(-1)
    around = torch.maximum(boxes[..., 2:], others[..., 2:]) - torch.minimum(boxes[..., :2], others[..., :2])
    return overlap(boxes, others) - apart / around.square().sum(-1).clamp(min=1e-9)


def _centred(boxes: Float[Tensor, "*B 4"]) -> tuple[Float[Tensor, "*B 2"], Float[Tensor, "*B 2"]]:
    """Centres and sizes."""
    first, last = boxes.split(2, dim=-1)
    return (first + last) / 2, last - first
