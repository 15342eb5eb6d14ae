"""The images that a list of pairs names, each once, in the order in which they are first named.

Legend: N images.
"""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final, final

import numpy as np
from jaxtyping import Int64

from foveate.data.image_files import ImageFiles
from foveate.errors import DataError

_ENDINGS: Final = (".png", ".jpg", ".JPG", ".jpeg", ".bmp", ".webp")


@final
class ListedImages:
    """Looks up file names and numbers them.

    Lists name the files of the original archive; copies of it with aligned faces may have other endings (.png), so an
    image of the same name with another ending will do.
    """

    def __init__(self, folder: Path) -> None:
        """Start with no image.

        Args:
            folder: where the images are.
        """
        self._folder = folder
        self._place: dict[str, int] = {}
        self._found: list[str] = []

    def place(self, name: str, *, file: Path, record: object) -> int:
        """Number of an image.

        Args:
            name: path inside of the folder, with forward slashes.
            file, record: where it is named, for the message of an error.

        Raises:
            DataError: there is no such image, or its path leads out of the folder.
        """
        if name in self._place:
            return self._place[name]
        path = PurePosixPath(name)
        inside = name == path.as_posix() and not path.is_absolute() and not {"", ".", ".."} & {*path.parts, name}
        names = (name, *(path.with_suffix(ending).as_posix() for ending in _ENDINGS)) if inside else ()
        found = next((each for each in names if os.path.isfile(self._folder / each)), None)  # noqa: PTH113  (False for a name no system can have)
        if found is None:
            remedy = f"Put the image below {self._folder}, or remove the pair"
            raise DataError(f"the image {name[:80]!r} is missing", file=file, record=record, remedy=remedy)
        self._found.append(found)
        return self._place.setdefault(name, len(self._place))

    @property
    def names(self) -> tuple[str, ...]:
        """The names as they were given, in the order of their numbers."""
        return tuple(self._place)

    @property
    def files(self) -> ImageFiles:
        """The images found, in the order of their numbers."""
        return ImageFiles(self._folder, self._found)

    def people(self, whom: Callable[[str], str]) -> Int64[np.ndarray, " N"]:
        """Whom each image shows, as numbers; ``whom`` takes a person's name from the name of an image."""
        return np.unique([whom(name) for name in self._place], return_inverse=True)[1].astype(np.int64)
