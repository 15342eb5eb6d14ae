"""Pairs written in LFW's layout are read back in their order."""

from dataclasses import replace

import numpy as np
import pytest

from foveate.data.lfw import read_lfw
from foveate.data.lfw_writer import write_lfw
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

PEOPLE = np.array([7, 7, 3, 3, 7, 12])


@pytest.fixture
def pairs(noise_jpeg):
    left, right = np.array([0, 1, 2, 4, 5, 0]), np.array([1, 2, 3, 5, 2, 4])
    same = np.array([True, False, True, False, False, True])
    return VerificationPairs("set", [noise_jpeg(i) for i in range(6)], left, right, same, np.arange(6) // 2)


@pytest.fixture
def two_folds(pairs):
    kept = np.array([0, 1, 2, 3])
    some = {key: getattr(pairs, key)[kept] for key in ("left", "right", "same")}
    return replace(pairs, **some, fold=np.array([0, 0, 1, 1]))


def test_pairs_come_back_in_their_order_with_their_bytes(two_folds, tmp_path):
    back = read_lfw(write_lfw(tmp_path, two_folds, PEOPLE))
    assert (tmp_path / "pairs.txt").read_text() == "2\t1\n07\t1\t2\n07\t2\t03\t1\n03\t1\t2\n07\t3\t12\t1\n"
    for side in ("left", "right"):
        assert [back.images[place] for place in getattr(back, side)] == [
            two_folds.images[place] for place in getattr(two_folds, side)
        ]
    assert np.array_equal(back.same, two_folds.same)
    assert np.array_equal(back.fold, two_folds.fold)


def test_folds_that_the_list_cannot_hold_are_refused(pairs, two_folds, tmp_path):
    for fold in ([0, 1, 0, 1], [0, 0, 0, 1], [0, 0, 0, 0, 1, 1]):
        of = two_folds if len(fold) == 4 else pairs
        wrong = replace(of, fold=np.array(fold))
        with pytest.raises(DataError, match="not contiguous, of one size and balanced"):
            write_lfw(tmp_path, wrong, PEOPLE)
    with pytest.raises(DataError, match="pair 0 is called one person, but shows two"):
        write_lfw(tmp_path, two_folds, np.arange(6))
