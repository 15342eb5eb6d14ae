"""Contiguous folds of equal size."""

from pathlib import Path

import pytest

from foveate.data.folds import contiguous_folds
from foveate.errors import DataError


def test_folds_are_contiguous_and_of_equal_size():
    assert contiguous_folds(6, 3, file=Path("a.bin")).tolist() == [0, 0, 1, 1, 2, 2]
    assert [(contiguous_folds(7000, 10, file=Path("a.bin")) == fold).sum() for fold in range(10)] == [700] * 10


@pytest.mark.parametrize(("pairs", "folds"), [(9, 10), (11, 10), (10, 0), (0, 1), (10, -1)])
def test_pairs_that_cannot_be_cut_equally_are_refused(pairs, folds):
    with pytest.raises(DataError, match=rf"a\.bin: {pairs} pairs cannot be cut into {folds} folds"):
        contiguous_folds(pairs, folds, file=Path("a.bin"))
