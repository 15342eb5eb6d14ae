"""Training images as a folder of folders: ``identity/image.jpg``.

Legend: N images.
"""

import os
from pathlib import Path
from typing import Final, final

import numpy as np

from foveate.data.file_images import FileImages
from foveate.data.image_files import ImageFiles
from foveate.data.image_names import IMAGE_SUFFIXES
from foveate.errors import DataError

_LAYOUT: Final = "Give a folder that holds one folder for each identity, with its images in it"


@final
class ImageFolder(FileImages):
    """Images of the layout ``identity/image.{jpg,jpeg,png,bmp,webp}``; the classes are the sorted folder names.

    Hidden files are ignored, and so are files that are no images (lists, notes).
    """

    def __init__(self, path: Path) -> None:
        """List the images of a folder.

        Args:
            path: the folder of identity folders.

        Raises:
            DataError: the folder is missing or empty, holds fewer than two identities, or is laid out otherwise.
        """
        self.path = path
        folders, files = _entries(path)
        stray = [name for name in files if _is_image(name)]
        if stray:
            raise DataError(f"the image {stray[0]} stands outside of an identity folder", file=path, remedy=_LAYOUT)
        if not folders:
            raise DataError("the folder holds no identity folders", file=path, remedy=_LAYOUT)
        if len(folders) < 2:
            remedy = "Add images of other people: one identity alone teaches nothing"
            raise DataError(f"there is one identity only, {folders[0]}", file=path, remedy=remedy)
        names = [_images(path / folder) for folder in folders]
        self.classes = tuple(folders)
        self.labels = np.repeat(np.arange(len(folders), dtype=np.int64), [len(images) for images in names])
        together = zip(folders, names, strict=True)
        self._files = ImageFiles(path, [f"{folder}/{name}" for folder, images in together for name in images])


def _images(folder: Path) -> list[str]:
    nested, files = _entries(folder)
    if nested:
        problem = f"the folder {nested[0]} stands inside of an identity folder"
        raise DataError(problem, file=folder, remedy=_LAYOUT)
    images = [name for name in files if _is_image(name)]
    if not images:
        remedy = f"Put images ({', '.join(sorted(IMAGE_SUFFIXES))}) into it, or remove it"
        raise DataError("the identity folder holds no images", file=folder, remedy=remedy)
    return images


def _entries(folder: Path) -> tuple[list[str], list[str]]:
    """Names of the folders and of the files in a folder, sorted, without the hidden ones."""
    try:
        with os.scandir(folder) as entries:
            shown = sorted((entry.name, entry.is_dir()) for entry in entries if not entry.name.startswith("."))
    except OSError as error:
        raise DataError(f"the folder cannot be listed ({error.strerror})", file=folder, remedy=_LAYOUT) from error
    return [name for name, is_folder in shown if is_folder], [name for name, is_folder in shown if not is_folder]


def _is_image(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122  (a Path for each name is slow)
