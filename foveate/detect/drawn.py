"""Photos with boxes around the faces that were found.

Legend: H x W pixels, M annotated faces.
"""

from collections.abc import Mapping
from typing import Final

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image, ImageDraw

from foveate.data.detections import Detections

COLOUR: Final = (255, 196, 0)
TRUE: Final = (255, 255, 255)
GREY: Final = 72
"""Of the canvas that hides a photo."""


def panels(parts: Mapping[str, UInt8[np.ndarray, "H W 3"]]) -> UInt8[np.ndarray, "_ _ 3"]:
    """Pictures of one size side by side, each under its name; of a single one, the picture as it is."""
    if len(parts) == 1:
        return next(iter(parts.values()))
    height, width = next(iter(parts.values())).shape[:2]
    size = max(9, width // 40)
    sheet = Image.new("RGB", ((width + size) * len(parts) - size, height + 2 * size), "white")
    pen = ImageDraw.Draw(sheet)
    for place, (name, picture) in enumerate(parts.items()):
        left = place * (width + size)
        pen.text((left, size // 3), name, fill=(0, 0, 0), font_size=size)
        sheet.paste(Image.fromarray(picture), (left, 2 * size))
    return np.array(sheet)


def drawn(
    photo: UInt8[np.ndarray, "H W 3"],
    found: Detections,
    *,
    faces: Float[np.ndarray, "M 4"] | None = None,
    hide: bool = False,
) -> UInt8[np.ndarray, "H W 3"]:
    """The photo with a box around each face, and how sure the detector is, in percent, above it.

    Args:
        photo: pixels, 0 to 255.
        found: by the detector.
        faces: boxes that people drew, to be drawn in white below those of the detector.
        hide: draw on grey in place of the photo.
    """
    image = Image.fromarray(np.full_like(photo, GREY) if hide else photo)
    pen = ImageDraw.Draw(image)
    thick = max(1, round(max(photo.shape[:2]) / 400))
    for box in () if faces is None else faces.tolist():
        pen.rectangle(tuple(box), outline=TRUE, width=thick)
    for (left, top, right, bottom), score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True):
        pen.rectangle((left, top, right, bottom), outline=COLOUR, width=thick)
        words, size = f"{100 * score:.0f}", max(9, 6 * thick)
        _, _, wide, high = pen.textbbox((0, 0), words, font_size=size)
        above = max(0.0, top - high - 2)
        pen.rectangle((left, above, left + wide + 3, above + high + 2), fill=COLOUR)
        pen.text((left + 2, above), words, fill=(0, 0, 0), font_size=size)
    return np.array(image)
