"""Shapes as approximate signed distances: negative inside, zero on the outline, in the units of x and y near it.

Legend: B faces, H x W pixels; all arguments broadcast.
"""

import torch
from torch import Tensor

Number = Tensor | float


def ellipse(x: Tensor, y: Tensor, width: Number, height: Number) -> Tensor:
    """An ellipse with these half axes, to first order at its sides."""
    return (x / width).square_().add_((y / height).square_()).sub_(1).mul_(width).mul_(0.5)


def oval(x: Tensor, y: Tensor, width: Number, height: Number, squareness: Number) -> Tensor:
    """A squircle (Fernandez-Guasti, 1992): an ellipse at squareness 0, near a rectangle at 1."""
    across, along = (x / width).square_(), (y / height).square_()
    inside = across + along - squareness * across * along
    return torch.maximum(inside, torch.maximum(across, along)).sub_(1).mul_(width).mul_(0.5)


def circle(x: Tensor, y: Tensor, radius: Number) -> Tensor:
    """A circle, exactly."""
    return (x.square() + y.square()).add_(1e-9).sqrt_() - radius


def arc(x: Tensor, width: Number) -> Tensor:
    """A parabola that is 1 at x = 0 and 0 at x = +-width: the profile of lids, lips and smiles."""
    return 1 - (x / width).square_()
