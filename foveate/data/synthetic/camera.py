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
    """Light the canvas from one side and take the pictures; uses the canvas up."""
    pixels = canvas.pixels
    light = (canvas.x * (shot.light_x / 40)).add_(canvas.y * (shot.light_y / 40)).clamp_(-0.6, 0.6)
    pixels.mul_(light.add_(1).mul_(shot.contrast)).add_(0.5 * (1 - shot.contrast))
    pixels.mul_(_patches(shot, pixels.shape[-1]))
    strip = _strip(seed, pixels.shape[-1], pixels.device)
    for channel, place in enumerate((shot.grain_place * _PLACES).long().T):
        pixels[:, channel].addcmul_(strip[place].view_as(pixels[:, channel]), shot.grain[:, 0])
    pictures.copy_(pixels.mul_(255).round_().clamp_(0, 255).permute(0, 2, 3, 1))


def _patches(shot: Variation, size: int) -> Tensor:
    """Soft patches of light and shadow, with the exposure and the colour cast of the whole picture."""
    nodes = shot.dapple.view(-1, 1, PATCHES, PATCHES) + shot.glow.view(-1, 3, PATCHES, PATCHES)
    return smooth((nodes + shot.cast.view(-1, 3, 1, 1) + 1) * shot.exposure, size)


@lru_cache(maxsize=4)
def _strip(seed: int, size: int, device: torch.device) -> Tensor:
    """All pictures that can be cut from one long strip of sensor noise; they share its memory."""
    chance = uniform("synthetic grain", seed, torch.arange(size * size + _PLACES, device=device))
    noise = torch.special.ndtri(chance.clamp(1e-4, 1 - 1e-4)).to(torch.float32)
    return noise.unfold(0, size * size, 1)
