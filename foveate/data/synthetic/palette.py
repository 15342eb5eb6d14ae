"""Palettes: a number in [0, 1) becomes a colour between the neighbours on a list.

Legend: B faces.
"""

from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

SKIN: Final = ("f6d7c3", "eec2a2", "dfa983", "c68d65", "a3704c", "7d5338")
HAIR: Final = ("1d1a1c", "2f221d", "4a3022", "6b4226", "8c4a28", "a8743c", "d0a75e", "8d8a88", "cfcac4")
IRIS: Final = ("3b2413", "5d3a1a", "7a5a26", "5f7a3a", "3f7d6a", "3e78a8", "6d8fa8", "7d8a93")
FRAME: Final = ("161616", "4a2c1a", "7a1f24", "1f3a68", "8a8d92", "b08d3e")


def tinted(base: Float[Tensor, "B 3 1 1"], red: float, green: float, blue: float) -> Float[Tensor, "B 3 1 1"]:
    """A colour with each channel multiplied by a share of its own."""
    return base * torch.tensor([red, green, blue], device=base.device).view(1, 3, 1, 1)


def colour(palette: tuple[str, ...], place: Float[Tensor, "B 1 1 1"]) -> Float[Tensor, "B 3 1 1"]:
    """The colour at a place of a palette of hexadecimal RGB, from 0 (its first) to 1 (its last)."""
    numbers = [[int(code[start : start + 2], 16) / 255 for start in (0, 2, 4)] for code in palette]
    table = torch.tensor(numbers, device=place.device)
    position = place.flatten().clamp(0, 1) * (len(palette) - 1)
    lower = position.long().clamp(0, len(palette) - 2)
    mixed = table[lower].lerp(table[lower + 1], (position - lower)[:, None])
    return mixed[:, :, None, None]
