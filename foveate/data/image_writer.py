"""Encoded images as files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError


def write_image(file: Path, encoded: bytes) -> None:
    """Write one image; missing folders are made."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(encoded)


def write_people(folder: Path, pairs: VerificationPairs, name: Callable[[int, int], str]) -> list[str]:
    """Write the images that pairs use, under names that say whom they show.

    Args:
        folder: where to write.
        pairs: with people.
        name: of the file, from the number of the person and the number of the image.

    Returns:
        The names of all images.

    Raises:
        DataError: the set does not say whom its images show.
    """
    if pairs.people is None:
        raise DataError("the set does not say whom its images show", file=folder, remedy="Give people")
    names = [name(person, place) for place, person in enumerate(pairs.people.tolist())]
    for place in np.union1d(pairs.left, pairs.right).tolist():
        write_image(folder / names[place], pairs.images[place])
    return names
