"""Hair of the head, and the beard: masses of one colour, with strands.

Legend: B faces, H x W pixels.
"""

import torch
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.head import outline
from foveate.data.synthetic.palette import HAIR, colour
from foveate.data.synthetic.shapes import ellipse
from foveate.data.synthetic.variation import Variation


def paint_hair_behind(canvas: Canvas, person: Anatomy) -> None:
    """Paint what hangs behind the head, down to the length that the person wears."""
    waves = _strands(canvas, person)
    below = (canvas.y + 4).clamp_(min=0)
    across = canvas.x / (person.head_width + person.hair_volume + below * 0.07)
    along = (canvas.y + 4).clamp_(max=0).div_(person.head_height + person.hair_volume)
    bulk = across.square_().add_(along.square_()).sub_(1).mul_(16.0).add_(waves * 0.5)
    shape = torch.maximum(bulk, canvas.y - person.hair_length + 2 * waves) + 200 * person.hair_bald
    _paint_strands(canvas, person, waves, canvas.cover(shape), 0.72)


def paint_hair(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint the hair in front: a cap whose lower edge is the hair line, the parting and the teeth of the fringe."""
    canvas = canvas.window(0, 0, 112, 74)
    waves = _strands(canvas, person)
    cap = outline(canvas, person, person.hair_volume) - waves * person.curl_depth * 0.5
    x = canvas.x
    edge = (x / person.head_width).square_().square_().mul_(person.sideburn - person.hair_line)
    edge = edge + person.hair_line + x * person.hair_part
    teeth = _triangle((x + 0.6 * shot.ruffle) * person.fringe_rate)
    shape = torch.maximum(cap, canvas.y - edge - teeth * person.fringe_depth) + 200 * person.hair_bald
    canvas.shade(canvas.cover((shape - 1.5) * 0.5).mul_(0.18))
    _paint_strands(canvas, person, waves, canvas.cover(shape), 1.0)


def paint_beard(canvas: Canvas, person: Anatomy, shot: Variation) -> None:
    """Paint beard and moustache as a grid of short hairs that lets the skin through."""
    canvas = canvas.window(12, 66, 100, 112)
    head = canvas.cover(outline(canvas, person))
    x, y = canvas.x, canvas.y - person.mouth_height
    rate = person.beard_rate
    hairs = torch.sin(x * rate + y * 0.4).mul_(torch.sin(y * rate * 1.3 - x * 0.5)).mul_(0.35).add_(0.62)
    line = person.beard_top + 8 - canvas.x.square() * 0.012
    chin = canvas.cover((line - canvas.y) * 0.5) * canvas.cover(-ellipse(x, y - 1, person.mouth_width + 1, 5.5))
    chin = chin * person.beard
    bend = y + 6 - x.square() * person.moustache_bend
    lip = canvas.cover(torch.maximum(bend.abs_() - 2.2, x.abs() - person.moustache_width)) * person.moustache
    cover = torch.maximum(chin, lip).mul_(head).mul_(hairs * shot.stubble)
    canvas.paint(colour(HAIR, person.hair_colour) * 0.85, cover)


def _strands(canvas: Canvas, person: Anatomy) -> Tensor:
    """Waves across the hair, fanning out from the crown: their rate, lean and curl are the person's own."""
    fan = canvas.x / (canvas.y * 0.008 + 1.25).clamp_(min=0.5)
    curl = torch.sin(canvas.y * person.curl_rate).mul_(person.curl_depth)
    phase = fan.add_(canvas.y * person.strand_lean).mul_(person.strand_rate).add_(curl)
    return torch.sin(phase).add_(torch.sin(phase * 2.3)).mul_(0.6)


def _paint_strands(canvas: Canvas, person: Anatomy, waves: Tensor, cover: Tensor, light: float) -> None:
    canvas.paint(colour(HAIR, person.hair_colour) * light + 0.02, cover)
    canvas.shade(waves.mul_(cover).mul_(0.20))


def _triangle(x: Tensor) -> Tensor:
    return (x - x.floor() - 0.5).abs_().mul_(2).sub_(0.5)
