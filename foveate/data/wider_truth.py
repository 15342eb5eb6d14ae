"""WIDER FACE's validation ground truth: four MATLAB files that say which faces count at which difficulty.

Legend: M faces.

``wider_face_val.mat`` has all faces; ``wider_{easy,medium,hard}_val.mat`` have the same, and in ``gt_list`` the
numbers, from 1 on, of those that count. A photo without faces has one box of zeros there, which never counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Bool

from foveate.data.annotated import FLAGS, AnnotatedPhoto
from foveate.data.matlab import read_matlab
from foveate.data.text_lines import stays_inside
from foveate.data.widerface import corners
from foveate.errors import DataError

ALL: Final = "wider_face_val.mat"
LEVELS: Final = {level: f"wider_{level}_val.mat" for level in ("easy", "medium", "hard")}

_REMEDY: Final = "Get the four files of the official ground truth again"


@final
@dataclass(frozen=True)
class WiderTruth:
    """Attributes:
    photos: in the order of the files.
    counted: for each level (easy, medium, hard) and photo, which of its faces count; the others are neither hits nor
        false alarms.
    """

    photos: tuple[AnnotatedPhoto, ...]
    counted: Mapping[str, tuple[Bool[np.ndarray, " _"], ...]]


def read_wider_truth(folder: Path) -> WiderTruth:
    """Read the ground truth. Photos are called as in the annotation text: ``event/name.jpg``.

    Args:
        folder: with the four files.

    Raises:
        DataError: a file is missing, damaged or laid out otherwise, or the files do not fit each other.
    """
    photos = _photos(folder / ALL)
    return WiderTruth(photos, {level: _counted(folder / file, photos) for level, file in LEVELS.items()})


def _photos(file: Path) -> tuple[AnnotatedPhoto, ...]:
    columns = [f"{name}_label_list" for name in FLAGS]
    content = read_matlab(file, ["event_list", "file_list", "face_bbx_list", *columns])
    names = _names(content, file)
    boxes, *flags = (_by_photo(content[name], name, content, file) for name in ("face_bbx_list", *columns))
    found = []
    for number, name in enumerate(names):
        corner = _table(boxes[number], 4, name, file)
        marks = [_table(column[number], 1, name, file) for column in flags]
        if {len(column) for column in marks} != {len(corner)}:
            raise DataError("its boxes and flags do not go together", file=file, record=name, remedy=_REMEDY)
        found.append(AnnotatedPhoto(name, name.split("/")[0], corners(corner), np.concatenate(marks, axis=1)))
    return tuple(found)


def _counted(file: Path, photos: Sequence[AnnotatedPhoto]) -> tuple[np.ndarray, ...]:
    content = read_matlab(file, ["event_list", "file_list", "gt_list"])
    if _names(content, file) != [photo.name for photo in photos]:
        raise DataError(f"its photos are not those of {ALL}", file=file, remedy=_REMEDY)
    numbers = _by_photo(content["gt_list"], "gt_list", content, file)
    return tuple(_marks(cell, photo, file) for cell, photo in zip(numbers, photos, strict=True))


def _marks(numbers: object, photo: AnnotatedPhoto, file: Path) -> np.ndarray:
    """Numbers from 1 on as marks."""
    chosen = _table(numbers, 1, photo.name, file)[:, 0]
    if chosen.size and not (chosen.min() >= 1 and chosen.max() <= len(photo)):
        problem = f"of {len(photo)} faces it counts number {chosen.min()} to {chosen.max()}"
        raise DataError(problem, file=file, record=photo.name, remedy=_REMEDY)
    marks = np.zeros(len(photo), dtype=np.bool_)
    marks[chosen - 1] = True
    return marks


def _names(content: Mapping[str, np.ndarray], file: Path) -> list[str]:
    """Paths of all photos, ``event/name.jpg``."""
    events, lists = content["event_list"].ravel(), content["file_list"].ravel()
    names = [
        f"{_word(event)}/{_word(name)}.jpg"
        for event, inside in zip(events, lists, strict=False)
        for name in np.ravel(inside)
    ]
    if len(events) != len(lists) or not names or len({*names}) != len(names) or not all(map(stays_inside, names)):
        raise DataError("its events and photos do not go together", file=file, remedy=_REMEDY)
    return names


def _word(cell: object) -> str:
    """What a cell with one text holds, or what leads nowhere."""
    text = cell.item() if isinstance(cell, np.ndarray) and cell.size == 1 else cell
    return text if isinstance(text, str) and text else ".."


def _by_photo(variable: np.ndarray, name: str, content: Mapping[str, np.ndarray], file: Path) -> list[object]:
    """The cells of all photos of all events."""
    wanted = [np.size(inside) for inside in content["file_list"].ravel()]
    if variable.dtype != object or [np.size(inside) for inside in variable.ravel()] != wanted:
        raise DataError(f"its {name} has other photos than its file_list", file=file, remedy=_REMEDY)
    return [cell for inside in variable.ravel() for cell in np.ravel(inside)]


def _table(cell: object, columns: int, photo: str, file: Path) -> np.ndarray:
    """A cell of whole numbers as rows; an empty one has none."""
    if not isinstance(cell, np.ndarray) or cell.dtype.kind not in "iuf" or (cell.size and cell.shape[-1] != columns):
        problem = f"it should have a table of {columns} columns of numbers"
        raise DataError(problem, file=file, record=photo, remedy=_REMEDY)
    whole = cell.reshape(-1, columns).astype(np.int64)
    if not np.array_equal(whole, cell.reshape(-1, columns)):
        raise DataError("its numbers should be whole ones", file=file, record=photo, remedy=_REMEDY)
    return whole
