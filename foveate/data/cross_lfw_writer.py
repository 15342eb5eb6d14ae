"""The layout of CALFW and CPLFW, written: for sets of one's own, and for tests."""

from pathlib import Path
from typing import Literal

import numpy as np

from foveate.data.cross_lfw import IMAGES, LISTS
from foveate.data.image_writer import write_people
from foveate.data.pairs import VerificationPairs


def write_cross_lfw(folder: Path, pairs: VerificationPairs, name: Literal["calfw", "cplfw"]) -> Path:
    """Write pairs as ``read_cross_lfw`` reads them: those of one person first, each kind in the order of the folds.

    Args:
        folder: where to write.
        pairs: with people, in ten folds with as many pairs of each kind.
        name: which of the two sets; CALFW's list has the number of the fold beside pairs of one person, CPLFW's a 1.

    Returns:
        The folder.

    Raises:
        DataError: the set does not say whom its images show.
    """
    names = write_people(folder / IMAGES, pairs, lambda person, place: f"Person_{person}_{place:04d}.jpg")
    lines = []
    for pair in np.lexsort((pairs.fold, ~pairs.same)).tolist():
        label = 0 if not pairs.same[pair] else int(pairs.fold[pair]) + 1 if name == "calfw" else 1
        lines += [f"{names[side[pair]]} {label}\n" for side in (pairs.left, pairs.right)]
    (folder / LISTS[name]).write_text("".join(lines), encoding="utf-8")
    return folder
