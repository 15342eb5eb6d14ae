"""Boxes that leave their photos or have no area, by name."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

from PIL import Image, UnidentifiedImageError

from foveate.data.annotated import AnnotatedPhoto
from foveate.errors import DataError

_FORMATS: Final = ("JPEG", "PNG", "BMP", "WEBP")


@final
@dataclass(frozen=True)
class OddBox:
    """Attributes:
    photo: name of the photo.
    face: number of the face in it, from 0.
    box: x1, y1, x2, y2 as annotated, in pixels.
    size: width and height of the photo, in pixels.
    problem: "leaves the image" or "has no area".
    """

    photo: str
    face: int
    box: tuple[float, float, float, float]
    size: tuple[int, int]
    problem: str


def odd_boxes(photos: Iterable[AnnotatedPhoto], folder: Path) -> tuple[OddBox, ...]:
    """Compare boxes with the sizes that the image files state; no pixels are decoded.

    Args:
        photos: annotated.
        folder: where the images are.

    Returns:
        Every box that leaves its image or has no area, in the order of the photos; one that does both comes twice.

    Raises:
        DataError: an image is missing, or is none.
    """
    found = list[OddBox]()
    for photo in photos:
        size = image_size(folder / photo.name)
        for problem, marks in (("leaves the image", photo.outside(*size)), ("has no area", ~photo.with_area())):
            for face in marks.nonzero()[0].tolist():
                x1, y1, x2, y2 = photo.boxes[face].tolist()
                found.append(OddBox(photo.name, face, (x1, y1, x2, y2), size, problem))
    return tuple(found)


def image_size(file: Path) -> tuple[int, int]:
    """Width and height of an image file in pixels, from its header.

    Raises:
        DataError: it is missing, or no JPEG, PNG, BMP or WebP file.
    """
    try:
        with Image.open(file, formats=_FORMATS) as image:
            return image.size
    except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or "it is no image, or a damaged one"
        remedy = "Put the image there; it comes with the annotations"
        raise DataError(f"the size of the image cannot be read ({reason})", file=file, remedy=remedy) from error
