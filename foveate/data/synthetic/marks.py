"""Freckles, moles and scars: the smallest parts, one or two pixels wide, each at a place of its own.

Legend: B faces, K marks, P pixels around each mark.
"""

from typing import Final

import torch
from jaxtyping import Int64
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import SIDE, Canvas
from foveate.data.synthetic.palette import tinted
from foveate.data.synthetic.pose import Pose

REACH: Final = 4.5
"""No mark reaches further than this from its middle, in face units."""


def paint_marks(canvas: Canvas, person: Anatomy, pose: Pose, skin: Tensor) -> None:
    """Darken the skin at each mark, looking only at the pixels around it; where two overlap the darker counts."""
    radius = person.mark_radius.sqrt()
    x, y = 26 * radius * person.mark_angle.cos(), 3 + 33 * radius * person.mark_angle.sin()
    half, thin, dark = _looks(person.mark_kind)
    pixels = _neighbours(canvas, *pose.to_image(x[:, None, None], y[:, None, None]))
    flat = pixels.flatten(1)
    right = canvas.x.flatten(1).gather(1, flat).view_as(pixels) - x[:, :, None]
    down = canvas.y.flatten(1).gather(1, flat).view_as(pixels) - y[:, :, None]
    cosine, sine = person.mark_turn.cos()[:, :, None], person.mark_turn.sin()[:, :, None]
    along, across = (right * cosine + down * sine).abs_(), right * sine - down * cosine
    distance = ((along - half[:, :, None]).clamp_(min=0).square_() + across.square_()).add_(1e-9).sqrt_()
    cover = ((thin[:, :, None] - distance) * canvas.scale.view(-1, 1, 1)).add_(0.5).clamp_(0, 1)
    darkness = torch.zeros_like(canvas.x).flatten(1)
    darkness.scatter_reduce_(1, flat, (cover * dark[:, :, None]).flatten(1), "amax")
    canvas.paint(tinted(skin, 0.42, 0.26, 0.20), darkness.view_as(canvas.x))


def _looks(kind: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Half length, half breadth and darkness: nothing, a freckle, a mole or a scar, by the mark's number in [0, 1)."""
    freckle, mole, scar = (kind > 0.35) & (kind <= 0.7), (kind > 0.7) & (kind <= 0.93), kind > 0.93
    half = scar * 3.0
    thin = freckle * 0.75 + mole * (0.9 + 3 * (kind - 0.7)) + scar * 0.55
    return half, thin, freckle * 0.3 + mole * 0.80 + scar * 0.45


def _neighbours(canvas: Canvas, x: Tensor, y: Tensor) -> Int64[Tensor, "B K P"]:
    """The flat positions of the square of pixels around each place, kept inside the picture."""
    side = canvas.x.shape[-1]
    reach = int(REACH * side / SIDE) + 1
    steps = torch.arange(-reach, reach + 1, device=x.device)
    column, row = ((place.flatten(1) * (side / SIDE)).floor().long().clamp(reach, side - 1 - reach) for place in (x, y))
    square = steps[:, None] * side + steps[None, :]
    return (row * side + column)[:, :, None] + square.flatten()
