"""Where the networks look: spatial attention maps of the first block laid over the faces (A-SKD, Fig. 4).

Legend: N faces, H x W pixels, h x w positions of a map.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float32, UInt8
from matplotlib import colormaps
from matplotlib.figure import Figure
from PIL import Image

from foveate.plots.theme import LIGHT, Theme, lettering

_STRENGTH: Final = 0.5  # share of the colour in the overlay


@final
@dataclass(frozen=True)
class Look:
    """What one network attends to.

    Attributes:
        label: name of the network, as it stands beside its row.
        faces: the faces as this network sees them.
        maps: its spatial attention, of any range.
    """

    label: str
    faces: UInt8[np.ndarray, "N H W 3"]
    maps: Float32[np.ndarray, "N h w"]


def attention_figure(
    high: UInt8[np.ndarray, "N H W 3"],
    low: UInt8[np.ndarray, "N H W 3"],
    looks: Sequence[Look],
    *,
    most: int = 6,
    theme: Theme = LIGHT,
) -> Figure:
    """Draw faces in columns; in rows the sharp face, the degraded face, and the map of each network.

    Args:
        high: the sharp faces.
        low: the same faces as the students see them.
        looks: one a network.
        most: how many faces are shown at most, the first ones.
        theme: colours.

    Returns:
        A figure of one image a cell. Maps are brought to [0, 1] one by one, blue to red.
    """
    rows = [("Sharp face", high), ("Degraded face", low)]
    rows += [
        (look.label, np.stack([overlay(*pair) for pair in zip(look.faces, look.maps, strict=True)])) for look in looks
    ]
    return image_rows([(label, faces[:most]) for label, faces in rows], theme)


def overlay(face: UInt8[np.ndarray, "H W 3"], attention: Float32[np.ndarray, "h w"]) -> UInt8[np.ndarray, "H W 3"]:
    """Lay a map over a face in the colours of jet: min-max to [0, 1], bilinear to the size of the face.

    A constant map prefers no place, and is drawn as 0 everywhere.
    """
    low, high = float(attention.min()), float(attention.max())
    unit = (attention - low) / (high - low) if high > low else np.zeros_like(attention)
    size = (face.shape[1], face.shape[0])
    large = np.asarray(Image.fromarray(unit.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))
    colour = 255 * colormaps["jet"](np.clip(large, 0, 1))[..., :3]
    return np.rint((1 - _STRENGTH) * face + _STRENGTH * colour).astype(np.uint8)


def image_rows(rows: Sequence[tuple[str, UInt8[np.ndarray, "N H W 3"]]], theme: Theme) -> Figure:
    """Rows of images of equal size, each row with its label at the left."""
    columns = max(len(images) for _, images in rows)
    label, gap = 1.15, 0.05
    cell = min(1.2, (7.2 - label) / columns - gap)
    figure = theme.figure(7.2, len(rows) * (cell + gap))
    figure.set_layout_engine("none")
    width, height = figure.get_size_inches()
    for place, (title, images) in enumerate(rows):
        bottom = height - (place + 1) * (cell + gap) + gap / 2
        figure.text(0, (bottom + cell / 2) / height, lettering(title, 14), va="center", size=9.5, color=theme.ink)
        for column, image in enumerate(images):
            left = label + column * (cell + gap)
            axes = figure.add_axes((left / width, bottom / height, cell / width, cell / height))
            axes.imshow(image, interpolation="lanczos")
            axes.set_axis_off()
    return figure
