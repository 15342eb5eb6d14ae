"""AgeDB-30's layout, written: for sets of one's own, and for tests."""

from pathlib import Path

import numpy as np

from foveate.data.agedb import IMAGES, LIST
from foveate.data.image_writer import write_people
from foveate.data.matlab_writer import cells, write_matlab
from foveate.data.pairs import VerificationPairs


def write_agedb(folder: Path, pairs: VerificationPairs) -> Path:
    """Write pairs as ``read_agedb`` reads them, with photos ``P7_x_3_40_f.jpg`` of person 7.

    Args:
        folder: where to write.
        pairs: with people, and folds numbered from 0.

    Returns:
        The folder.

    Raises:
        DataError: the set does not say whom its images show.
    """
    files = write_people(folder / IMAGES, pairs, lambda person, place: f"P{person}_x_{place}_40_f.jpg")
    names = [file.removesuffix(".jpg") for file in files]
    splits = []
    for fold in np.unique(pairs.fold):
        chosen = np.flatnonzero(pairs.fold == fold)
        sides = [[{"name": names[place], "age": 40.0} for place in side[chosen]] for side in (pairs.left, pairs.right)]
        splits.append([{"pairs": cells(sides), "labels": np.where(pairs.same[chosen], 1, -1)[None]}])
    write_matlab(folder / LIST, {"splits": cells(splits)})
    return folder
