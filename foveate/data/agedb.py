"""AgeDB-30 (Moschoglou et al., CVPR Workshops 2017): two photos that lie 30 years apart; raw images and official list.

``04_FINAL_protocol_30_years.mat`` holds ``splits``, ten structures of a cell array of 2 x 600 photos (structures of
file name and age) and 600 labels, 1 for one person and -1 for two; ``03_Protocol_Images`` holds the photos. That is how
insightface and FaceX-Zoo read it, too.

Legend: P pairs.
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.listed_images import ListedImages
from foveate.data.matlab import read_matlab
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

NAME: Final = "agedb_30"
LIST: Final = "04_FINAL_protocol_30_years.mat"
IMAGES: Final = "03_Protocol_Images"
_LISTS: Final = (LIST, f"AgeDB_FINAL_protocol/{LIST}")
_REMEDY: Final = f"Use the official {LIST}"


def is_agedb(folder: Path) -> bool:
    """Whether a folder holds AgeDB's list of pairs 30 years apart."""
    return any((folder / name).is_file() for name in _LISTS)


def read_agedb(folder: Path) -> VerificationPairs:
    """Read the pairs; the images themselves are read when asked for.

    Args:
        folder: with the official list, in it or in ``AgeDB_FINAL_protocol``, and ``03_Protocol_Images`` (aligned).

    Returns:
        The pairs, called ``agedb_30`` as insightface's .bin is, in the official folds; people by file name.

    Raises:
        DataError: the list is missing or damaged, or an image is missing.
    """
    file = next((folder / name for name in _LISTS if (folder / name).is_file()), folder / LIST)
    images = ListedImages(folder / IMAGES)
    sides, same, fold = [], [], []
    for number, split in enumerate(read_matlab(file, ["splits"])["splits"].ravel()):
        for row, (names, label) in enumerate(_split(split, number + 1, file), start=1):
            record = f"{row} of split {number + 1}"
            sides.append([images.place(f"{name}.jpg", file=file, record=record) for name in names])
            same.append(label == 1)
            fold.append(number)
    if not sides:
        raise DataError("it holds no pairs", file=file, remedy=_REMEDY)
    left, right = np.array(sides, dtype=np.int64).T.copy()
    people = images.people(lambda name: name.split("_")[0])
    return VerificationPairs(NAME, images.files, left, right, np.array(same), np.array(fold), people)


def _split(split: object, number: int, file: Path) -> list[tuple[tuple[str, str], int]]:
    """Two file names and the label of each pair."""
    names, labels = (np.asarray(field, dtype=object) for field in (*_fields(split), None, None)[:2])
    if names.ndim != 2 or names.shape != (2, labels.size):
        problem = "it is no structure of 2 x P photos and P labels"
        raise DataError(problem, file=file, record=f"split {number}", remedy=_REMEDY)
    found = []
    for row, (first, second, label) in enumerate(zip(*names, labels.ravel().tolist(), strict=True), start=1):
        pair = tuple(_name(photo) for photo in (first, second))
        if "" in pair or not isinstance(label, int | float) or label not in (1, -1):
            problem = (
                f"{pair[0][:40]!r} and {pair[1][:40]!r} with label {str(label)[:20]} are no two photos and 1 or -1"
            )
            raise DataError(problem, file=file, record=f"{row} of split {number}", remedy=_REMEDY)
        found.append((pair, int(label)))
    return found


def _name(photo: object) -> str:
    """File name of a photo, without its ending; empty if there is none."""
    name = next(iter(_fields(photo)), None)
    plain = name.item() if isinstance(name, np.ndarray) and name.size == 1 else name
    return plain if isinstance(plain, str) else ""


def _fields(value: object) -> list[object]:
    """The fields of a MATLAB structure, in order; none if it is no structure."""
    while isinstance(value, np.ndarray) and value.size == 1:
        value = value.ravel()[0]
    if not isinstance(value, np.void) or value.dtype.names is None:
        return []
    return [value[name] for name in value.dtype.names]
