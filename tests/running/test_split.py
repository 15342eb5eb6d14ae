"""People kept out of training: none is trained on, and the folds of their pairs share nobody."""

from pathlib import Path
from typing import final

import numpy as np
import pytest

from foveate.data.labelled import LabelledImages
from foveate.data.split import Chosen, hold_out, make_pairs
from foveate.errors import DataError


@final
class People(LabelledImages):
    """Each image says who it shows."""

    def __init__(self, each):
        self.path = Path("people")
        self.labels = np.repeat(np.arange(len(each)), each)
        self.classes = tuple(f"person {number}" for number in range(len(each)))

    def encoded(self, index):
        return b"%d %d" % (self.labels[index], index)

    def record(self, index):
        return str(index)


def _person(image):
    return int(image.split()[0])


def test_nobody_held_out_is_trained_on_and_everybody_is_somewhere():
    images = People([3] * 60)
    train, pairs = hold_out(images, share=0.5)
    trained = {_person(train.encoded(index)) for index in range(len(train))}
    tested = {_person(image) for image in pairs.images}
    assert len(trained) == len(tested) == 30
    assert trained | tested == set(range(60))
    assert train.classes == tuple(f"person {number}" for number in sorted(trained))
    for index in range(len(train)):
        assert train.classes[train.labels[index]] == f"person {_person(train.encoded(index))}"
        assert train.record(index) == train.encoded(index).split()[1].decode()


def test_pairs_are_what_they_say_and_folds_share_nobody():
    _, pairs = hold_out(People([4] * 60), share=0.5)
    people = np.array([_person(image) for image in pairs.images])
    assert np.array_equal(people[pairs.left] == people[pairs.right], pairs.same)
    assert (pairs.left != pairs.right).all()
    assert pairs.same.sum() * 2 == len(pairs) == 2 * 30 * 6
    assert np.array_equal(np.unique(pairs.fold), np.arange(10))
    groups = [
        set(people[pairs.left[pairs.fold == fold]]) | set(people[pairs.right[pairs.fold == fold]]) for fold in range(10)
    ]
    assert sum(len(group) for group in groups) == len(set.union(*groups))
    assert all(pairs.same[pairs.fold == fold].mean() == 0.5 for fold in range(10))


def test_the_split_is_a_function_of_the_seed():
    images = People([3] * 60)
    (one, pairs), (again, same), (other, _) = (hold_out(images, share=0.5, seed=seed) for seed in (0, 0, 1))
    assert one.classes == again.classes != other.classes
    assert all(np.array_equal(getattr(pairs, name), getattr(same, name)) for name in ("left", "right", "same", "fold"))


def test_no_more_than_6000_pairs_are_made():
    pairs = make_pairs(People([40] * 30), name="many")
    assert len(pairs) == 6000
    assert (
        len({(left, right) for left, right, same in zip(pairs.left, pairs.right, pairs.same, strict=True) if same})
        == 3000
    )


@pytest.mark.parametrize(
    ("each", "share"),
    [([3] * 60, 0.05), ([1] * 60, 0.5), ([3] * 60, 1.0), ([3] * 60, 0.98), ([3] * 60, 0.001), ([3] * 60, -0.2)],
)
def test_a_share_that_leaves_too_few_on_either_side_is_refused(each, share):
    with pytest.raises(DataError, match=r"people: .*--test"):
        hold_out(People(each), share=share)


def test_few_people_make_fewer_folds():
    _, pairs = hold_out(People([3] * 60), share=0.1)
    assert np.array_equal(np.unique(pairs.fold), np.arange(3))
    assert len(pairs) == 2 * 6 * 3


def test_the_remedy_names_a_share_that_works():
    with pytest.raises(DataError, match=r"of 20 identities 2 would be held out.*--hold-out 0\.2\b"):
        hold_out(People([3] * 20), share=0.1)
    hold_out(People([3] * 20), share=0.2)


def test_held_out_images_are_read_when_asked_for():
    images = People([3] * 40)
    pairs = make_pairs(Chosen(images, np.arange(20, 40)), name="rest")
    assert len(pairs.images) == 60
    assert pairs.images[0] == b"20 60"
    assert pairs.images[-1] == b"39 119"
    assert pairs.images[1:3] == [b"20 61", b"20 62"]
    with pytest.raises(IndexError):
        pairs.images[60]
