"""Cross-Age LFW (Zheng, Deng and Hu, arXiv 1708.08197) and Cross-Pose LFW (Zheng and Deng, 2018): raw images and
official lists.

``pairs_CALFW.txt`` and ``pairs_CPLFW.txt`` have no header and two lines for each pair, ``Ann_Lee_0001.jpg 1``: a file
name and 0 for two people; anything else, in CALFW the number of the fold, means one. The first 300 pairs of each kind
make the first of ten folds, and so on (FaceX-Zoo, Wang et al. 2021).

Legend: P pairs.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.folds import balanced_folds
from foveate.data.listed_images import ListedImages
from foveate.data.pairs import VerificationPairs
from foveate.data.text_lines import read_lines
from foveate.errors import DataError

LISTS: Final = {"calfw": "pairs_CALFW.txt", "cplfw": "pairs_CPLFW.txt"}
"""Names of the sets, as insightface's .bin files are called, and their lists."""
IMAGES: Final = "aligned images"
_FOLDS: Final = 10
_LABEL: Final = re.compile(r"\d{1,9}", re.ASCII)
_FOLDERS: Final = (IMAGES, "images", ".")
_REMEDY: Final = "Use the official list: two lines for each pair, 'Ann_Lee_0001.jpg 1' (0 for two people)"


def is_cross_lfw(folder: Path) -> bool:
    """Whether a folder holds the list of CALFW or of CPLFW."""
    return any((folder / file).is_file() for file in LISTS.values())


def read_cross_lfw(folder: Path) -> tuple[VerificationPairs, ...]:
    """Read the pairs; the images themselves are read when asked for.

    Args:
        folder: with one of the lists, or both, and the images in ``aligned images``, in ``images`` or in itself.

    Returns:
        The sets ``calfw`` and ``cplfw``, or the one whose list is there.

    Raises:
        DataError: a list cannot be read or has a wrong line, or an image is missing.
    """
    present = {name: folder / file for name, file in LISTS.items() if (folder / file).is_file()}
    if not present:
        raise DataError(f"it holds none of {', '.join(LISTS.values())}", file=folder, remedy=_REMEDY)
    return tuple(_read(folder, name, file) for name, file in present.items())


def _read(folder: Path, name: str, file: Path) -> VerificationPairs:
    lines = read_lines(file, remedy=_REMEDY)
    if len(lines) % 2:
        raise DataError(f"{len(lines):,} lines are not two for each pair", file=file, remedy=_REMEDY)
    images = ListedImages(next(folder / part for part in _FOLDERS if (folder / part).is_dir()))
    sides, labels = [], []
    for number, line in enumerate(lines, start=1):
        fields = line.rsplit(maxsplit=1)
        if len(fields) != 2 or not _LABEL.fullmatch(fields[1]):
            raise DataError(f"{line[:60]!r} is no file name and label", file=file, record=number, remedy=_REMEDY)
        sides.append(images.place(fields[0].strip(), file=file, record=number))
        labels.append(int(fields[1]))
    label, place = (np.array(values, dtype=np.int64).reshape(-1, 2) for values in (labels, sides))
    (split,) = np.nonzero(label[:, 0] != label[:, 1])
    if split.size:
        problem = f"the two lines of the pair have the labels {label[split[0], 0]} and {label[split[0], 1]}"
        raise DataError(problem, file=file, record=int(2 * split[0] + 1), remedy=_REMEDY)
    order, fold = balanced_folds(label[:, 0] != 0, _FOLDS, file=file)
    left, right = place[order].T.copy()
    people = images.people(lambda image: image.rsplit("_", 1)[0])
    return VerificationPairs(name, images.files, left, right, label[order, 0] != 0, fold, people)
