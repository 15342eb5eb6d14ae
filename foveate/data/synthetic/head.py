"""The head: ears, the outline of skull and jaw, and the soft shading that makes it round.

Legend: B faces, H x W pixels.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.palette import SKIN, colour, tinted
from foveate.data.synthetic.shapes import arc, ellipse, oval
from foveate.data.synthetic.variation import Variation


def outline(canvas: Canvas, person: Anatomy, margin: Tensor | float = 0.0) -> Tensor:
    """The signed distance to the outline of the head, grown by a margin; the jaw narrows the lower half."""
    down = (canvas.y + 2).div_(person.head_height)
    narrow = down.clamp(min=0).square_().mul_(person.jaw).add_(1)
    return oval(
        canvas.x * narrow, canvas.y + 2, person.head_width + margin, person.head_height + margin, person.squareness
    )


def complexion(person: Anatomy, shot: Variation) -> Float[Tensor, "B 3 1 1"]:
    """The colour of the skin in even light."""
    warmth = torch.tensor([1.0, 0.0, -1.0], device=person.skin_tone.device).view(1, 3, 1, 1)
    return colour(SKIN, person.skin_tone + shot.tan) + warmth * person.skin_warmth


def paint_head(canvas: Canvas, person: Anatomy, skin: Tensor) -> None:
    """Paint ears and head, darker towards the rim."""
    _paint_ears(canvas, person, skin)
    middle = canvas.window(16, 6, 96, 108)
    distance = outline(middle, person)
    head = middle.cover(distance)
    middle.paint(skin, head)
    rim = distance.div_(person.head_width * 0.5).add_(1).clamp_(0, 1).square_()
    middle.paint(tinted(skin, 0.60, 0.48, 0.42), rim.square_().mul_(head).mul_(0.45))
    _paint_cheeks(canvas, person, skin)
    _paint_skin(canvas, person)


def _paint_ears(canvas: Canvas, person: Anatomy, skin: Tensor) -> None:
    canvas = canvas.window(8, 38, 104, 82)
    x, y = canvas.x.abs() - person.head_width - 0.5, canvas.y - person.ear_height
    canvas.paint(skin * 0.93, canvas.cover(ellipse(x, y, person.ear_size * 0.75, person.ear_size * 1.6)))
    canvas.paint(skin * 0.72, canvas.cover(ellipse(x - 0.5, y, person.ear_size * 0.35, person.ear_size)))


def _paint_cheeks(canvas: Canvas, person: Anatomy, skin: Tensor) -> None:
    canvas = canvas.window(14, 56, 98, 96)
    x, y = canvas.x.abs() - 18, canvas.y - 11
    canvas.paint(tinted(skin, 1.0, 0.62, 0.62), arc(x, 9.0).sub_((y / 8).square_()).clamp_(min=0).mul_(0.22))
    x, y = canvas.x.abs() - person.mouth_width - 3, canvas.y - person.mouth_height + 4
    fold = canvas.stroke(x + y * 0.45 + y.square() * 0.03, 1.1) * arc(y + 2, 7.0).clamp_(min=0)
    canvas.shade(fold.mul_(person.age.clamp(min=0) * 0.3))


def _paint_skin(canvas: Canvas, person: Anatomy) -> None:
    """Lines across the forehead, and a field of freckles over nose and cheeks."""
    brow = canvas.window(20, 16, 92, 44)
    lines = torch.sin(brow.y * person.forehead_rate + (brow.x * 0.12).sin())
    place = arc(brow.x, 22.0).clamp_(min=0).mul_(arc(brow.y + 25, 9.0).clamp_(min=0))
    brow.shade(lines.mul_(place).mul_(person.forehead_lines.clamp(min=0) * 0.20))
    cheeks = canvas.window(18, 48, 94, 84)
    x, y = cheeks.x * person.freckle_rate, cheeks.y * person.freckle_rate
    x, y = x + torch.sin(y * 0.7), y + torch.sin(x * 0.6)
    dots = torch.sin(x * 1.1 + y * 0.6).mul_(torch.sin(y * 1.2 - x * 0.5)).sub_(0.25).clamp_(min=0)
    place = arc(cheeks.x, 26.0).clamp_(min=0).mul_(arc(cheeks.y - 6, 11.0).clamp_(min=0))
    cheeks.shade(dots.mul_(place).mul_(person.freckles.clamp(min=0) * 0.65))
