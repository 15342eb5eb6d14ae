"""Boxes of faces as a text file: a line for each face.

A line is the photo's path below the folder of photos (it may contain spaces), then left, top, right and bottom edge in
pixels of the upright photo, divided by spaces or tabs. Empty lines, and those that begin with #, are passed over.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float64

from foveate.errors import DataError

_REMEDY: Final = "Write lines of the form: identity/photo.jpg LEFT TOP RIGHT BOTTOM"

Boxes = dict[str, Float64[np.ndarray, "K 4"]]
"""The boxes of each photo, by its path."""


def read_boxes(file: Path, photos: Iterable[str]) -> Boxes:
    """Read the boxes.

    Args:
        file: the text, in UTF-8.
        photos: paths of those there are.

    Raises:
        DataError: the file cannot be read, a line is none of these, or it names a photo that is not there.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the boxes cannot be read ({error})", file=file, remedy=_REMEDY) from error
    known, found = {*photos}, dict[str, list[list[float]]]()
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, *edges = line.strip().rsplit(maxsplit=4)
        box = _numbers(edges)
        if box is None:
            raise DataError(f"{line[:60]!r} is no photo with a box", file=file, record=f"line {number}", remedy=_REMEDY)
        if name not in known:
            remedy = "Write paths as they are below the folder of photos, with forward slashes"
            raise DataError(f"there is no photo {name[:80]!r}", file=file, record=f"line {number}", remedy=remedy)
        found.setdefault(name, []).append(box)
    if not found:
        raise DataError("the file holds no box", file=file, remedy=_REMEDY)
    return {name: np.array(boxes) for name, boxes in found.items()}


def _numbers(words: list[str]) -> list[float] | None:
    """Four edges of a box with an area, or None."""
    try:
        left, top, right, bottom = (float(word) for word in words)
    except ValueError:
        return None
    sound = -np.inf < left < right < np.inf and -np.inf < top < bottom < np.inf
    return [left, top, right, bottom] if sound else None
