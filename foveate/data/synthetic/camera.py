"""The camera: light, exposure, colour cast and sensor noise turn a painted canvas into a picture.

Legend: B faces, H x W pixels.
"""

from functools import lru_cache
from typing import Final

import torch
from jaxtyping import UInt8
from torch import Tensor

from foveate.chance import uniform
from foveate.data.synthetic.canvas import Canvas
from foveate.data.synthetic.smooth import smooth
from foveate.data.synthetic.variation import PATCHES, Variation

_PLACES: Final = 1 << 15


def photograph(canvas: Canvas, shot: Variation, seed: int, pictures: UInt8[Tensor, "B H W 3"]) -> None:
    """Light the canvas and take the pictures; uses the canvas up."""
    pixels = canvas.pixels
    pixels.mul_(_light(shot, pixels.shape[-1])).add_(127.5 * (1 - shot.contrast) * shot.exposure + 0.5)
    strip = _strip(seed, pixels.shape[-1], pixels.device)
    for channel, place in enumerate((shot.grain_place * _PLACES).long().T):
        pixels[:, channel].addcmul_(strip[place].view_as(pixels[:, channel]), 255 * shot.grain[:, 0])
    pictures.copy_(pixels.clamp_(0, 255).permute(0, 2, 3, 1))


def _light(shot: Variation, size: int) -> Tensor:
    """Grey levels that white would have: a lamp at one side, soft patches of light and shadow, and a colour cast."""
    along = torch.linspace(-1.4, 1.4, PATCHES, device=shot.light_x.device)
    lamp = (1 + along * shot.light_x + along[:, None] * shot.light_y) * shot.contrast
    patches = 1 + shot.dapple.view(-1, 1, PATCHES, PATCHES) + shot.glow.view(-1, 3, PATCHES, PATCHES)
    return smooth(lamp * (patches + shot.cast.view(-1, 3, 1, 1)) * (255 * shot.exposure), size)


@lru_cache(maxsize=4)
def _strip(seed: int, size: int, device: torch.device) -> Tensor:
    """All pictures that can be cut from one long strip of sensor noise; they share its memory."""
    chance = uniform("synthetic grain", seed, torch.arange(size * size + _PLACES, device=device))
    noise = torch.special.ndtri(chance.clamp(1e-4, 1 - 1e-4)).to(torch.float32)
    return noise.unfold(0, size * size, 1)
