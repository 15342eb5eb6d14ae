"""Eyes and brows.

Legend: B faces, H x W pixels.

Both sides are drawn at once: the distance from the middle of the face tells how far out a pixel lies.
"""

import torch
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.palette import HAIR, IRIS, colour
from foveate.data.synthetic.shapes import arc, circle
from foveate.data.synthetic.variation import Variation


def paint_eyes(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint sockets, eyes, lids and lashes, then the brows."""
    canvas = canvas.window(14, 26, 98, 68).moved(2.5 * shot.yaw, 1.5 * shot.pitch)
    side = canvas.x.sign()
    out = canvas.x.abs() - person.eye_spacing
    up = canvas.y - person.eye_height + out * person.eye_tilt
    profile = arc(out, person.eye_width)
    lid = up + profile * (person.eye_upper * (1 - shot.squint))
    _paint_socket(canvas, person, out, up, lid, profile)
    opening = canvas.cover(torch.maximum(-lid, up - profile * person.eye_lower))
    canvas.paint(torch.full_like(canvas.pixels[:, :, :1, :1], 0.94), opening)
    canvas.shade(canvas.cover((lid - 1.6) * 0.5).mul_(opening).mul_(0.3))
    _paint_iris(canvas, person, out - side * shot.gaze, up, side, opening)
    lashes = torch.maximum(lid.abs() - person.lid_line * 0.5, (out - person.lid_wing * 0.5).abs_() - person.eye_width)
    canvas.paint(colour(HAIR, person.hair_colour) * 0.35, canvas.cover(lashes).mul_(0.9))
    _paint_brows(canvas, person, shot)


def _paint_socket(canvas: Canvas, person: Anatomy, out: Tensor, up: Tensor, lid: Tensor, profile: Tensor) -> None:
    hollow = (1 - (out / 11).square_() - ((up + 2) / 8).square_()).clamp_(min=0)
    canvas.shade(hollow.mul_(0.12 + person.lid_shadow * 0.5))
    width = person.eye_width
    ends = canvas.cover(out.abs() - width)
    canvas.shade(canvas.stroke(lid + person.lid_fold - 0.1 * profile, 0.9).mul_(ends).mul_(0.38))
    bag = canvas.stroke(up - profile * (person.eye_lower + 1) - 1.6, 1.0)
    canvas.shade(bag.mul_(ends).mul_(person.eye_bag.clamp(min=0) * 0.5))
    canvas.shade(canvas.stroke(up - profile * person.eye_lower, 0.7).mul_(ends).mul_(0.35))


def _paint_iris(canvas: Canvas, person: Anatomy, out: Tensor, up: Tensor, side: Tensor, opening: Tensor) -> None:
    middle = up + 0.6
    radius = circle(out, middle, 0.0)
    shade = colour(IRIS, person.iris_colour)
    canvas.paint(shade, canvas.cover(radius - person.iris_size).mul_(opening))
    ring = canvas.stroke(radius - person.iris_size + 0.3, 0.9).mul_(opening)
    canvas.paint(shade * 0.25, ring.mul_(person.iris_ring))
    canvas.paint(shade * 0.12, canvas.cover(radius - person.pupil_size).mul_(opening))
    glint = circle(out + 1.1 * side, middle + 1.2, 0.75)
    canvas.paint(torch.ones_like(shade), canvas.cover(glint).mul_(opening).mul_(0.9))


def _paint_brows(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    canvas = canvas.window(0, 0, 84, 28)
    out = canvas.x.abs() - person.brow_middle
    up = canvas.y - person.brow_height + shot.surprise - out * person.brow_slope
    up = up + person.brow_arch * (30 - out.square())
    along = out / person.brow_width
    thickness = (1 - person.brow_taper * along * 0.6) * (1 - along.square().square_()) * person.brow_thickness
    hairs = torch.sin(canvas.x.abs() * 2.4 + canvas.y * 1.5).mul_(0.12).add_(0.82)
    cover = canvas.cover(torch.maximum(up.abs_() - thickness, out.abs() - person.brow_width))
    canvas.paint(colour(HAIR, person.hair_colour) * 0.7, cover.mul_(hairs))
