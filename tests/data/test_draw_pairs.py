"""Pairs are balanced, none comes twice, and folds share nobody."""

from pathlib import Path
from typing import final

import numpy as np
import pytest

from foveate.data.draw_pairs import draw_pairs
from foveate.data.labelled import LabelledImages
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import DataError


@final
class People(LabelledImages):
    """So many images of each person; an image is its number."""

    def __init__(self, each):
        self.path = Path("people")
        self.labels = np.repeat(np.arange(len(each)), each)
        self.classes = tuple(map(str, range(len(each))))

    def encoded(self, index):
        return b"\xff\xd8\xff%d" % index

    def record(self, index):
        return str(index)


@pytest.mark.parametrize(("each", "number"), [([4] * 40, 400), ([1, 2, 30, 3] * 20, 600), ([3] * 20, 60)])
def test_pairs_are_what_they_say_balanced_and_none_comes_twice(each, number):
    images = People(each)
    pairs = draw_pairs(images, name="held", pairs=number)
    assert pairs.name == "held"
    assert np.array_equal(images.labels[pairs.left] == images.labels[pairs.right], pairs.same)
    assert len({frozenset(pair) for pair in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)}) == number
    assert (pairs.left != pairs.right).all()
    assert np.bincount(pairs.fold).tolist() == [number // 10] * 10
    assert np.bincount(pairs.fold, weights=pairs.same).tolist() == [number / 20] * 10
    people = [
        {*images.labels[pairs.left[pairs.fold == k]], *images.labels[pairs.right[pairs.fold == k]]} for k in range(10)
    ]
    assert sum(map(len, people)) == len(set.union(*people))


def test_people_with_many_images_do_not_make_up_the_set():
    images = People([30, *[3] * 19, 30, *[3] * 19])
    pairs = draw_pairs(images, name="held", pairs=200)
    each = np.bincount(images.labels[pairs.left[pairs.same]], minlength=40)
    for fold in range(10):
        mine = np.unique(images.labels[pairs.left[pairs.same & (pairs.fold == fold)]])
        others = each[mine]
        assert others.max() - others.min() <= 1 or (others[others < 3] == 3).all()


def test_the_draw_is_a_function_of_the_seed():
    images = People([4] * 40)
    one, again, other = (draw_pairs(images, name="held", pairs=400, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one.left, again.left)
    assert np.array_equal(one.right, again.right)
    assert not np.array_equal(one.left, other.left)


def test_folds_and_pairs_survive_the_file(tmp_path):
    images = People([4] * 40)
    pairs = draw_pairs(images, name="held", pairs=200)
    write_verification_bin(tmp_path / "held.bin", pairs)
    back = read_verification_bin(tmp_path / "held.bin")
    assert [back.images[place] for place in back.left] == [images.encoded(int(place)) for place in pairs.left]
    assert np.array_equal(back.same, pairs.same)
    assert np.array_equal(back.fold, pairs.fold)


@pytest.mark.parametrize(
    ("each", "number", "folds", "problem"),
    [
        ([4] * 40, 405, 10, "405 pairs are no 10 folds"),
        ([4] * 40, 400, 1, "no 1 folds"),
        ([1] * 40, 400, 10, r"fold 0 have 0 pairs of one person, not 20"),
        ([9] * 10, 400, 10, r"fold 0 have 0 pairs of two people, not 20"),
        ([3] * 20, 80, 10, None),
        ([3] * 20, 160, 10, r"fold 0 have 6 pairs of one person, not 8"),
    ],
)
def test_what_cannot_be_drawn_is_said(each, number, folds, problem):
    if problem is None:
        assert len(draw_pairs(People(each), name="held", pairs=number, folds=folds)) == number
        return
    with pytest.raises(DataError, match=problem):
        draw_pairs(People(each), name="held", pairs=number, folds=folds)


def test_without_a_number_there_are_as_many_as_the_poorest_fold_has():
    few = draw_pairs(People([3] * 24), name="few")
    # Folds of two and three people with three photos: six pairs of one person, nine of two, in the poorest.
    assert len(few) == 10 * 2 * 6
    assert len(draw_pairs(People([30] * 60), name="many")) == 6_000
