"""WIDER FACE's annotation text (Yang et al., CVPR 2016).

Legend: M faces.

For each photo: its path, the number of its faces, and a line ``x1 y1 w h`` with six flags for each face. The official
text has its quirks, which are read as what they mean: a photo without faces is followed by one line of zeros all the
same, and some boxes have no width or no height.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.annotated import FLAGS, AnnotatedPhoto
from foveate.data.text_lines import read_lines, stays_inside, whole_number
from foveate.errors import DataError

_NUMBERS: Final = 4 + len(FLAGS)
_REMEDY: Final = (
    "Use the official wider_face_{train,val}_bbx_gt.txt, or write path, count and 'x1 y1 w h' with six flags"
)


def read_widerface(file: Path) -> tuple[AnnotatedPhoto, ...]:
    """Read an annotation text.

    Boxes stay as they are annotated, so that their numbers are those of the official ground truth; see
    ``AnnotatedPhoto.clipped``, ``AnnotatedPhoto.with_area`` and ``foveate.data.box_report``.

    Args:
        file: ``wider_face_train_bbx_gt.txt``, or one like it.

    Raises:
        DataError: the text is missing or cut short, has a wrong line, or names a photo twice.
    """
    lines = [line.strip() for line in read_lines(file, remedy=_REMEDY)]
    photos, place = dict[str, AnnotatedPhoto](), 0
    while place < len(lines):
        name, number = lines[place], place + 1
        if not stays_inside(name) or _numbers(name) is not None:
            raise DataError(f"line {number} is {name[:60]!r}, not the path of a photo", file=file, remedy=_REMEDY)
        if name in photos:
            raise DataError(f"line {number} names {name} for the second time", file=file, remedy=_REMEDY)
        count = _count(lines, place + 1, name, file)
        rows = lines[place + 2 : place + 2 + count]
        photos[name] = _photo(name, rows, place + 3, file)
        place += 2 + count
        if count == 0 and place < len(lines) and _numbers(lines[place]) == [0] * _NUMBERS:
            place += 1
    return tuple(photos.values())


def _count(lines: Sequence[str], place: int, name: str, file: Path) -> int:
    text = lines[place] if place < len(lines) else ""
    count = whole_number(text)
    if count is None or count < 0:
        problem = f"line {place + 1} is {text[:60]!r}, not the number of faces in {name}"
        raise DataError(problem, file=file, remedy=_REMEDY)
    if place + 1 + count > len(lines):
        problem = f"line {place + 1} announces {text} faces in {name}, but the text ends before them"
        raise DataError(problem, file=file, remedy="Copy the text again, to its end")
    return count


def _photo(name: str, rows: Sequence[str], first: int, file: Path) -> AnnotatedPhoto:
    table = [_numbers(row) for row in rows]
    for number, (row, values) in enumerate(zip(rows, table, strict=True), start=first):
        if values is None or len(values) != _NUMBERS or min(values[2:]) < 0:
            problem = f"line {number} ({row[:60]!r}, of {name}) is not four whole numbers of a box and six flags"
            raise DataError(problem, file=file, remedy=_REMEDY)
    whole = np.array(table, dtype=np.int64).reshape(-1, _NUMBERS)
    return AnnotatedPhoto(name, event_of(name), corners(whole[:, :4]), whole[:, 4:].copy())


def event_of(name: str) -> str:
    """The event of a photo: the folder its path begins with, if it has one ("0--Parade/0_Parade_a_1_2.jpg")."""
    return name.split("/")[0] if "--" in name.split("/")[0] and "/" in name else ""


def corners(boxes: np.ndarray) -> np.ndarray:
    """Left, top, width, height -> left, top, right, bottom, as float64."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1).astype(np.float64)


def _numbers(line: str) -> list[int] | None:
    """The whole numbers of a line, or None if it has anything else."""
    words = line.split()
    numbers = [number for word in words if (number := whole_number(word)) is not None]
    return numbers if words and len(numbers) == len(words) else None
