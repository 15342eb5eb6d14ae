"""Nose and mouth.

Legend: B faces, H x W pixels.
"""

import torch
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.palette import tinted
from foveate.data.synthetic.shapes import arc, circle, ellipse
from foveate.data.synthetic.variation import Variation


def paint_nose(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint the shaded sides of the bridge, the wings, the nostrils and the shadow under the tip."""
    canvas = canvas.window(36, 42, 76, 84).moved(4.0 * shot.yaw, person.nose_tip + 2.5 * shot.pitch)
    x, y = canvas.x, canvas.y
    out = x.abs()
    length = person.nose_tip + 8
    along = ((y + length) / length).clamp(0, 1)
    flank = (out - person.nose_bridge - along.square() * (person.nose_width - person.nose_bridge) * 0.45).abs_()
    lit = 0.5 + 0.5 * torch.sign(x) * torch.sign(shot.light_x)
    body = along.mul(1 - along).mul_(4)
    canvas.shade(flank.mul_(-0.5).add_(1).clamp_(min=0).mul_(body).mul_(0.10 + 0.14 * lit))
    canvas.shade(arc(x, 2.6).clamp_(min=0).mul_(along).mul_(canvas.cover(y - 1)).mul_(-0.10))
    wing = circle(out - person.nose_width + person.nose_wing, y + 0.4, person.nose_wing)
    canvas.shade(canvas.stroke(torch.where(out > person.nose_width - person.nose_wing, wing, 9.0), 1.0).mul_(0.40))
    tilt = (out - person.nose_width * 0.52) * person.nostril_tilt
    size = torch.minimum(person.nostril_size, person.nose_width * 0.24)
    hole = ellipse(out - person.nose_width * 0.52, y - 1.6 + tilt, size * 1.5, size)
    canvas.shade(canvas.cover(hole).mul_(0.70))
    under = y - 2.6 - 1.2 * arc(x, person.nose_width * 0.8)
    canvas.shade(canvas.stroke(under, 1.6).mul_(canvas.cover(out - person.nose_width * 0.8)).mul_(0.22))


def paint_mouth(canvas: Canvas, person: Anatomy, shot: Variation, skin: Tensor) -> None:
    """Paint the lips, what shows between them, and the shadow below."""
    canvas = canvas.window(28, 66, 84, 106).moved(3.0 * shot.yaw, person.mouth_height + 1.5 * shot.pitch)
    width = person.mouth_width * (1 + 0.08 * shot.smile)
    x = canvas.x
    profile = arc(x, width)
    inside = canvas.cover(x.abs() - width)
    y = canvas.y - (person.mouth_curve + 1.2 * shot.smile) * (profile - 0.5)
    gap = profile.clamp(min=0).sqrt_().mul_(shot.open.clamp(min=0) * 1.6)
    bow = (1 - x.abs() / 3.5).clamp_(min=0).mul_(person.lip_bow)
    above = -y - gap - profile * person.lip_upper + bow
    below = y - gap - profile * person.lip_lower
    lips = skin.lerp(tinted(skin, 0.86, 0.52, 0.52), person.lip_colour)
    canvas.paint(lips * 0.88, canvas.cover(torch.maximum(above, y)).mul_(inside))
    canvas.paint(lips, canvas.cover(torch.maximum(below, -y)).mul_(inside))
    canvas.shade(arc(x, 5.0).clamp_(min=0).mul_(canvas.cover((below + 1.5).abs_() - 0.5)).mul_(-0.12))
    hollow = canvas.cover(y.abs() - gap).mul_(inside).mul_(canvas.cover(0.5 - gap))
    canvas.paint(skin * 0.22, hollow)
    teeth = canvas.cover(torch.maximum((y + gap * 0.35).abs_() - gap * 0.5, 0.9 - gap))
    canvas.paint(torch.full_like(skin, 0.93), teeth.mul_(hollow))
    canvas.shade(canvas.stroke(y, 0.9).mul_(inside).mul_(canvas.cover(gap - 0.5)).mul_(0.6))
    low = person.lip_lower + 2.5
    canvas.shade(canvas.stroke(y - low, 2.0).mul_(arc(x, width * 0.6).clamp_(min=0)).mul_(0.16))
    dimple = canvas.stroke(x, 1.1).mul_(arc(canvas.y - low - 8, 3.0).clamp_(min=0))
    canvas.shade(dimple.mul_(person.chin_dimple.clamp(min=0) * 0.45))
