"""The CMU+MIT test set (Rowley, Baluja and Kanade, PAMI 1998): grey photos and lines ``name x1 y1 x2 y2``.

Legend: M faces.
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.image_names import IMAGE_SUFFIXES
from foveate.data.text_lines import read_lines, stays_inside
from foveate.errors import DataError

LIST: Final = "faces.txt"

_REMEDY: Final = "Write 'name x1 y1 x2 y2' in pixels in each line, with x1 < x2 and y1 < y2"


def read_cmu_mit(folder: Path, list_file: str = LIST) -> tuple[AnnotatedPhoto, ...]:
    """Read all photos of the folder, those without faces as well, sorted by name.

    Args:
        folder: with the photos and the list.
        list_file: name of the list.

    Raises:
        DataError: the list is missing, has a wrong line, or names a photo that is not there.
    """
    file = folder / list_file
    lines = read_lines(file, remedy="Put the list of boxes beside the photos")
    photos = sorted(
        each.name for each in folder.iterdir() if each.suffix.lower() in IMAGE_SUFFIXES and each.name[0] != "."
    )
    boxes: dict[str, list[tuple[float, ...]]] = {name: [] for name in photos}
    for number, line in enumerate(lines, start=1):
        name, *words = line.strip().rsplit(maxsplit=4) or [""]
        box = _box(words)
        if box is None or not stays_inside(name):
            raise DataError(f"line {number} ({line[:60]!r}) is no box of a photo", file=file, remedy=_REMEDY)
        if name not in boxes:
            problem = f"line {number} names a photo that is not there, {name}"
            raise DataError(problem, file=file, remedy=f"Put it into {folder}, or take the line out")
        boxes[name].append(box)
    return tuple(AnnotatedPhoto(name, "", np.array(each).reshape(-1, 4)) for name, each in boxes.items())


def _box(words: list[str]) -> tuple[float, ...] | None:
    try:
        x1, y1, x2, y2 = map(float, words)
    except ValueError:
        return None
    return (x1, y1, x2, y2) if x1 < x2 and y1 < y2 and np.isfinite([x1, y1, x2, y2]).all() else None
