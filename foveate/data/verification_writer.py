"""Writing verification pairs as insightface stores them."""

import pickle
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.folds import contiguous_folds
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError
from foveate.files import replacing

READ_FOLDS: Final = 10
"""How many folds every reader of such files makes of the pairs."""
_PROTOCOL: Final = 4
"""The oldest protocol that writes bytes as bytes in files of any size: pickle.load and insightface read it."""


def write_verification_bin(path: Path, pairs: VerificationPairs, *, folds: int = READ_FOLDS) -> None:
    """Write a .bin file: a pickle of the list of 2 P images, those of a pair side by side, and the list of P bools.

    Args:
        path: the file to write.
        pairs: pairs whose folds are contiguous, of equal size, and as many as will be read or a multiple of that,
            since the format keeps no folds.
        folds: in which it will be read.

    Raises:
        DataError: the folds would be lost, or an image cannot be read.
    """
    there = len(np.unique(pairs.fold))
    if there % folds:
        problem = f"the pairs are in {there} folds, and the format keeps none: it is read in {folds}"
        raise DataError(problem, file=path, remedy=f"Keep the layout it has, or make {folds} folds of the pairs")
    if not np.array_equal(pairs.fold, contiguous_folds(len(pairs), there, file=path)):
        remedy = "Sort the pairs by fold, and number the folds from 0"
        raise DataError("the folds are not contiguous, and the format keeps no others", file=path, remedy=remedy)
    used = {place: pairs.images[place] for place in np.union1d(pairs.left, pairs.right).tolist()}
    sides = np.stack([pairs.left, pairs.right], axis=1).ravel().tolist()
    with replacing(path) as (file,):
        pickle.dump(([used[place] for place in sides], pairs.same.tolist()), file, protocol=_PROTOCOL)
