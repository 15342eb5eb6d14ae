"""Training images that a list names: which images, of which classes, in which order.

Legend: N images.

A line is ``relative/path label`` (the lists of the A-SKD authors), or that of a .lst file between tabs: insightface's
``aligned path class ...`` or MXNet's ``index label ... path``, of whose labels the first is the class.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, final

from foveate.data.class_names import number_classes
from foveate.data.file_images import FileImages
from foveate.data.image_files import ImageFiles
from foveate.data.text_lines import read_lines, stays_inside, whole_number
from foveate.errors import DataError

LIST: Final = "list.txt"
"""A folder of images that has a list has it under this name."""

SUFFIXES: Final = (".lst", ".list")
"""Of lists with names of their own."""

_REMEDY: Final = "Write 'relative/path label' in each line, or give a .lst file of insightface or MXNet"
_EXACT: Final = 1 << 24
_NUMBER: Final = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|nan|inf)")
"""Numbers as MXNet writes them; float() would read names, too (1_0)."""


@final
class ImageList(FileImages):
    """The images of a list, in its order; classes are the labels that occur, numbers in numeric order, else names."""

    def __init__(self, path: Path, folder: Path | None = None) -> None:
        """Read a list; the images themselves are read when asked for.

        Args:
            path: the list, or a folder with ``list.txt``.
            folder: where the images are; by default where the list is.

        Raises:
            DataError: the list is missing, has a wrong line, names an image twice or one that is not there, or has
                fewer than two classes.
        """
        self.path = path
        self._list = path / LIST if path.is_dir() else path
        root = self._list.parent if folder is None else folder
        rows = dict(_rows(self._list, root))
        self.labels, self.classes = number_classes([*rows.values()], file=self._list)
        self._files = ImageFiles(root, [*rows])

    def files(self) -> Iterable[Path]:
        return (self._list, *super().files())


def _rows(file: Path, root: Path) -> Iterator[tuple[str, str]]:
    """Path and label of each line."""
    seen = set[str]()
    for number, line in enumerate(read_lines(file, remedy="Put the list there, or name another one"), start=1):
        name, label = _fields(line)
        problem = _mistake(name, label, seen)
        if problem is not None:
            raise DataError(f"line {number} ({line[:60]!r}) {problem}", file=file, remedy=_REMEDY)
        if not os.path.isfile(f"{root}/{name}"):  # noqa: PTH113  (a Path for each image is slow)
            remedy = f"Put it into {root}, or take the line out"
            raise DataError(f"line {number} names an image that is not there, {name}", file=file, remedy=remedy)
        seen.add(os.path.normpath(name))
        yield name, label


def _fields(line: str) -> tuple[str, str]:
    """Path and label of a line; an empty path where there are not both."""
    parts = line.strip().split("\t")
    if len(parts) < 3:
        words = line.strip().rsplit(maxsplit=1)
        return (words[0], _whole(words[1])) if len(words) == 2 else ("", "")
    if _is_number(parts[1]):
        return parts[-1], _whole(parts[1])
    return parts[1], _whole(parts[2])


def _mistake(name: str, label: str, seen: set[str]) -> str | None:
    if not name or "/" in label or not label:
        return "does not have a path and a label"
    if not stays_inside(name):
        return "leads out of the folder"
    if _is_number(label) and not 0 <= (-1 if (number := whole_number(label)) is None else number) < _EXACT:
        return "has a label that is no class number (a whole number from 0 to 2**24 - 1)"
    return "names an image for the second time" if os.path.normpath(name) in seen else None


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None


def _whole(label: str) -> str:
    """The same label; a whole number without the zeros that MXNet writes behind its point."""
    number = float(label) if _is_number(label) else 0.5
    return str(int(number)) if number.is_integer() else label
