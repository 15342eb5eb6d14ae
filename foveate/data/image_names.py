"""Names of image files: those in a folder, and the numbers of people they begin with."""

import os
from pathlib import Path
from typing import Final

from foveate.errors import DataError

IMAGE_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
"""Endings of the image files that are read."""


def images_in(folder: Path, *, layout: str) -> list[str]:
    """Names of the images in a folder, sorted; hidden files and files that are no images are passed over.

    Raises:
        DataError: the folder is missing or holds no images.
    """
    try:
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith(IMAGE_SUFFIXES) and name[0] != ".")  # noqa: PTH208  (a Path for each of 153,428 names is slow)
    except OSError as error:
        raise DataError(f"the folder cannot be listed ({error.strerror})", file=folder, remedy=layout) from error
    if not names:
        raise DataError("the folder holds no images", file=folder, remedy="Unpack the whole archive")
    return names


def person_in(name: str) -> int | None:
    """The number before the first underscore of a file name, of nine digits at most; None without one."""
    number, line, _ = name.partition("_")
    return int(number) if line and number.isascii() and number.isdigit() and len(number) < 10 else None
