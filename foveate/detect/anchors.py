"""Where and how large a detector expects faces (TinaFace: Zhu et al., 2020, arXiv 2011.13183; its released settings).

Legend: A anchors, H x W pixels.

At every place of a level with stride s stand three boxes of sides s 2^(4/3) times 1, 2^(1/3) and 2^(2/3), 1.3 times as
high as wide, of these areas: from 10 pixels at stride 4 to 512 at stride 128. Their centre is the place's first pixel.
"""

from collections.abc import Sequence
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

STRIDES: Final = (4, 8, 16, 32, 64, 128)
"""Of the levels P2 to P7."""

RATIO: Final = 1.3
"""Height over width."""

OCTAVE: Final = 2 ** (4 / 3)
SCALES: Final = (1.0, 2 ** (1 / 3), 2 ** (2 / 3))

PER_PLACE: Final = len(SCALES)


def level_sides(height: int, width: int) -> list[tuple[int, int]]:
    """Rows and columns of each level for an image; every halving rounds up, as convolutions of stride 2 do."""
    return [(-(-height // stride), -(-width // stride)) for stride in STRIDES]


def anchors(sides: Sequence[tuple[int, int]], *, device: torch.device | str = "cpu") -> Float[Tensor, "A 4"]:
    """The anchors of all levels.

    Args:
        sides: rows and columns of each level.
        device: where.

    Returns:
        Left, top, right and bottom edge in pixels; by level, row, column and scale, in this order.
    """
    found = []
    for stride, (rows, columns) in zip(STRIDES, sides, strict=True):
        size = torch.tensor([stride * OCTAVE * scale for scale in SCALES], dtype=torch.float64, device=device)
        half = torch.stack([size / RATIO**0.5, size * RATIO**0.5], dim=1) / 2
        y, x = torch.meshgrid(
            torch.arange(rows, dtype=torch.float64, device=device) * stride,
            torch.arange(columns, dtype=torch.float64, device=device) * stride,
            indexing="ij",
        )
        centre = torch.stack([x, y], dim=2)[:, :, None]
        found.append(torch.cat([centre - half, centre + half], dim=3).reshape(-1, 4))
    return torch.cat(found).float()
