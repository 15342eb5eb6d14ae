"""Which fold of a cross-validation each pair of a verification set belongs to.

Legend: P pairs.
"""

from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64

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


def balanced_folds(
    same: Bool[np.ndarray, " P"], folds: int, *, file: Path
) -> tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"]]:
    """Deal each kind of pairs, in file order, to the folds: the first tenth of each kind makes the first of ten folds.

    Args:
        same: whether each pair shows one person.
        folds: how many folds to make.
        file: where the pairs come from, for the message of an error.

    Returns:
        The pairs in the order of the folds, in each fold those of one person first; and the fold of each.

    Raises:
        DataError: one kind of pairs cannot be cut into so many equal parts.
    """
    order, fold = [], []
    for kind in (same, ~same):
        order.append(np.flatnonzero(kind))
        fold.append(contiguous_folds(len(order[-1]), folds, file=file))
    together, number = np.concatenate(order), np.concatenate(fold)
    turn = np.argsort(number, kind="stable")
    return together[turn].astype(np.int64), number[turn]
