"""Which fold of a cross-validation each pair of a verification set belongs to.

Legend: P pairs.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Int64

from foveate.errors import DataError


def contiguous_folds(pairs: int, folds: int, *, file: Path) -> Int64[np.ndarray, " P"]:
    """Cut the pairs, in file order, into folds of equal size: fold = index // (pairs / folds).

    Args:
        pairs: how many pairs there are.
        folds: how many folds to make of them.
        file: where the pairs come from, for the message of an error.

    Raises:
        DataError: the pairs cannot be cut into so many equal folds.
    """
    if folds < 1 or pairs < folds or pairs % folds:
        problem = f"{pairs:,} pairs cannot be cut into {folds} folds of equal size"
        remedy = "Ask for a number of folds that divides the number of pairs, or complete the file"
        raise DataError(problem, file=file, remedy=remedy)
    return np.arange(pairs, dtype=np.int64) // (pairs // folds)
