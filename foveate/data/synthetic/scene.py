"""What lies behind a face: a blurred room, and the shoulders of the sitter.

Legend: B faces, H x W pixels.
"""

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.shapes import ellipse
from foveate.data.synthetic.smooth import smooth
from foveate.data.synthetic.variation import PATCHES, Variation


def backdrop(shot: Variation, size: int) -> Float[Tensor, "B 3 H W"]:
    """A room out of focus, ready to be painted on."""
    nodes = shot.backdrop.view(-1, 3, PATCHES, PATCHES)
    return smooth(nodes.lerp(nodes.mean(dim=1, keepdim=True), 0.7), size)


def paint_shoulders(canvas: Canvas, shot: Variation, skin: Tensor) -> None:
    """Paint the neck, shaded by the chin, and the clothes, whose collar is cut at another depth every time."""
    canvas = canvas.window(0, 78, 112, 112)
    neck = canvas.cover(canvas.x.abs() - (16 + canvas.y.sub(40).square() * 0.012))
    canvas.paint(skin * 0.80, neck)
    rise = ellipse(canvas.x, canvas.y - 82, 58.0, 36.0)
    collar = ellipse(canvas.x, canvas.y - 40, 15.0 + 3 * shot.collar, 16.0 + 6 * shot.collar)
    canvas.paint(shot.clothes.view(-1, 3, 1, 1), canvas.cover(torch.maximum(rise, -collar)))
