"""Glasses: two rims, a bridge and the temples.

Legend: B faces, H x W pixels.
"""

import torch

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.palette import FRAME, colour
from foveate.data.synthetic.shapes import oval
from foveate.data.synthetic.variation import Variation


def paint_glasses(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint thin frames on those who wear them; the lenses brighten what is behind them a little."""
    canvas = canvas.window(8, 32, 104, 76).moved(3.5 * shot.yaw, person.eye_height + 1.5 + 2.0 * shot.pitch)
    worn = person.glasses > 0
    out = canvas.x.abs()
    lens = oval(out - person.eye_spacing - 0.5, canvas.y, person.lens_width, person.lens_height, person.lens_squareness)
    canvas.shade(canvas.cover(lens).mul_(worn * -0.06))
    bar = torch.maximum((canvas.y + 2).abs_() - 0.5 * person.frame_thickness, -lens)
    bar = torch.maximum(bar, out - person.head_width)
    frame = torch.maximum(canvas.stroke(lens, person.frame_thickness), canvas.cover(bar))
    canvas.paint(colour(FRAME, person.frame_colour), frame.mul_(worn))
