"""Hair of the head, and the beard: masses of one colour, with strands.

Legend: B faces, H x W pixels.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.head import outline
from foveate.data.synthetic.palette import HAIR, colour
from foveate.data.synthetic.shapes import ellipse
from foveate.data.synthetic.variation import Variation


def hair_colour(person: Anatomy, shot: Variation) -> Float[Tensor, "B 3 1 1"]:
    """The colour of the hair on that day."""
    return colour(HAIR, person.hair_colour + shot.hair_tint) * shot.hair_light + 0.02


def strands(canvas: Canvas, person: Anatomy) -> Float[Tensor, "B 1 H W"]:
    """Waves from -1 to 1 that fan out from the crown: their rate, lean and curl are the person's own."""
    fan = canvas.x / (canvas.y * 0.008 + 1.25).clamp_(min=0.5)
    curl = torch.sin(canvas.y * person.curl_rate).mul_(person.curl_depth)
    phase = fan.add_(canvas.y * person.strand_lean).mul_(person.strand_rate).add_(curl)
    return torch.sin(phase * 2.3).add_(phase.sin_()).mul_(0.6)


def paint_hair_behind(canvas: Canvas, person: Anatomy, shot: Variation, waves: Tensor) -> None:
    """Paint what hangs behind the head, down to the length that the person wears."""
    below = (canvas.y + 4).clamp_(min=0)
    across = canvas.x / (person.head_width + shot.hair_volume + below * 0.07)
    along = (canvas.y + 4).clamp_(max=0).div_(person.head_height + shot.hair_volume)
    bulk = across.square_().add_(along.square_()).sub_(1).mul_(16.0).add_(waves * 0.5)
    shape = torch.maximum(bulk, canvas.y - shot.hair_length + 2 * waves) + 200 * (person.hair_bald > 0)
    _paint_strands(canvas, hair_colour(person, shot) * 0.72, waves, canvas.cover(shape))


def paint_hair(canvas: Canvas, person: Anatomy, shot: Variation, waves: Tensor) -> None:
    """Paint the hair in front: a cap whose lower edge is the hair line, the parting and the teeth of the fringe."""
    canvas = canvas.window(0, 0, 112, 74)
    waves = waves[:, :, : canvas.y.shape[2]]
    cap = outline(canvas, person, shot.hair_volume) - waves * person.curl_depth * 0.5
    x = canvas.x
    edge = (x / person.head_width).square_().square_().mul_(person.sideburn - person.hair_line)
    edge = edge + person.hair_line + x * person.hair_part
    teeth = _triangle(x * person.fringe_rate)
    shape = torch.maximum(cap, canvas.y - edge - teeth * person.fringe_depth) + 200 * (person.hair_bald > 0)
    canvas.shade(canvas.cover((shape - 1.5) * 0.5).mul_(0.18))
    _paint_strands(canvas, hair_colour(person, shot), waves, canvas.cover(shape))


def paint_beard(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint beard and moustache as a grid of short hairs that lets the skin through."""
    canvas = canvas.window(12, 66, 100, 112)
    head = canvas.cover(outline(canvas, person))
    x, y = canvas.x, canvas.y - person.mouth_height
    rate = person.beard_rate
    hairs = torch.sin(x * rate + y * 0.4).mul_(torch.sin(y * rate * 1.3 - x * 0.5)).mul_(0.35).add_(0.62)
    line = person.beard_top + 8 - canvas.x.square() * 0.012
    chin = canvas.cover((line - canvas.y) * 0.5) * canvas.cover(-ellipse(x, y - 1, person.mouth_width + 1, 5.5))
    chin = chin * (person.beard > 0)
    bend = y + 6 - x.square() * person.moustache_bend
    lip = canvas.cover(torch.maximum(bend.abs_() - 2.2, x.abs() - person.moustache_width)) * (person.moustache > 0)
    cover = torch.maximum(chin, lip).mul_(head).mul_(hairs * shot.stubble)
    canvas.paint(colour(HAIR, person.hair_colour) * 0.85, cover)


def _paint_strands(canvas: Canvas, tone: Tensor, waves: Tensor, cover: Tensor) -> None:
    canvas.paint(tone, cover)
    canvas.shade((waves * cover).mul_(0.34))


def _triangle(x: Tensor) -> Tensor:
    return (x - x.floor() - 0.5).abs_().mul_(2).sub_(0.5)
