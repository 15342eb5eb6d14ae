"""Labeled Faces in the Wild: ``name/name_0001.jpg`` and the official list pairs.txt.

Legend: P pairs.
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.folds import contiguous_folds
from foveate.data.listed_images import ListedImages
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

_SAME_FIELDS, _DIFFERENT_FIELDS = 3, 4
_REMEDY: Final = "Use the official pairs.txt: '10<TAB>300', then 'name<TAB>1<TAB>2' or 'name<TAB>1<TAB>other<TAB>2'"


def read_lfw(folder: Path, pairs: Path | None = None) -> VerificationPairs:
    """Read LFW's image-restricted pairs; the images themselves are read when asked for.

    Args:
        folder: the folder with one folder for each person.
        pairs: the list of pairs; by default ``pairs.txt`` in the folder.

    Returns:
        The pairs, with each image once, in sets of equal size as the list's first line states them.

    Raises:
        DataError: the list is missing or has a wrong line, or an image is missing.
    """
    file = folder / "pairs.txt" if pairs is None else pairs
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        remedy = "Put the official pairs.txt there, or give the path of another list"
        raise DataError(f"the list of pairs cannot be read ({error})", file=file, remedy=remedy) from error
    while lines and not lines[-1].strip():
        lines.pop()
    sets, each = _header(lines, file)
    listed = ListedImages(folder)
    sides, same = [], []
    for number, line in enumerate(lines[1:], start=2):
        names = _images(line.split("\t"), number, file)
        sides.append([listed.place(name, file=file, record=number) for name in names])
        same.append(line.count("\t") == _SAME_FIELDS - 1)
    _check_sets(np.array(same).reshape(sets, 2 * each), each, file)
    left, right = np.array(sides, dtype=np.int64).T.copy()
    fold = contiguous_folds(len(same), sets, file=file)
    people = listed.people(lambda name: name.split("/")[0])
    return VerificationPairs("lfw", listed.files, left, right, np.array(same), fold, people)


def _header(lines: list[str], file: Path) -> tuple[int, int]:
    """How many sets there are, and how many pairs of each kind a set has."""
    fields = lines[0].split("\t") if lines else []
    if len(fields) != 2 or not all(field.strip().isdecimal() and int(field.strip()) > 0 for field in fields):
        shown = lines[0][:40] if lines else ""
        problem = f"line 1 is {shown!r}, not the number of sets and of pairs of each kind"
        raise DataError(problem, file=file, remedy=_REMEDY)
    sets, each = int(fields[0].strip()), int(fields[1].strip())
    if len(lines) - 1 != sets * 2 * each:
        problem = f"line 1 announces {sets} x 2 x {each} pairs, but {len(lines) - 1:,} lines follow"
        raise DataError(problem, file=file, remedy=_REMEDY)
    return sets, each


def _images(fields: list[str], number: int, file: Path) -> list[str]:
    """The two images of a line, as paths inside the folder."""
    if len(fields) == _SAME_FIELDS:
        fields = [fields[0], fields[1], fields[0], fields[2]]
    if len(fields) != _DIFFERENT_FIELDS:
        problem = f"line {number} has {len(fields)} fields between tabs, not 3 or 4"
        raise DataError(problem, file=file, remedy=_REMEDY)
    names = []
    for person, photo in (fields[:2], fields[2:]):
        if not photo.strip().isdecimal() or Path(person).name != person:
            problem = f"line {number} names photo {photo[:20]!r} of {person[:40]!r}, which cannot be"
            raise DataError(problem, file=file, remedy=_REMEDY)
        names.append(f"{person}/{person}_{int(photo.strip()):04d}.jpg")
    return names


def _check_sets(same: np.ndarray, each: int, file: Path) -> None:
    wrong = np.flatnonzero(same.sum(axis=1) != each)
    if wrong.size:
        problem = f"set {wrong[0] + 1} has {same[wrong[0]].sum()} pairs of one person, not {each}"
        raise DataError(problem, file=file, remedy=_REMEDY)
