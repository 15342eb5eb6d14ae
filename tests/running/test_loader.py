"""The order of a training run is a function of seed and epoch, and workers change nothing."""

from pathlib import Path
from typing import final

import numpy as np
import pytest
import torch

from foveate.data.encode import encode
from foveate.data.exact_size import ExactSize
from foveate.data.labelled import LabelledImages
from foveate.data.loader import batches, in_order, steps_per_epoch
from foveate.errors import DataError


@final
class Noise(LabelledImages):
    """Images of 8 x 8 pixels; one of them may be damaged."""

    def __init__(self, number, damaged=None):
        self.path, self.damaged = Path("noise"), damaged
        self.labels = np.arange(number, dtype=np.int64) // 2
        self.classes = tuple(str(label) for label in range(int(self.labels[-1]) + 1))

    def encoded(self, index):
        pixels = np.random.default_rng(index).integers(0, 256, (8, 8, 3), dtype=np.uint8)
        return b"damaged" if index == self.damaged else encode(pixels)

    def record(self, index):
        return f"number {index}"


def _order(images, **more):
    given = {"batch": 4, "framing": ExactSize(8), "seed": 0, "epoch": 0, **more}
    return [position.tolist() for _, _, position in batches(images, **given)]


def test_a_rank_without_a_share_reads_nothing():
    assert list(in_order(Noise(14), range(5, 5), batch=4, framing=ExactSize(8))) == []
    assert [len(found[2]) for found in in_order(Noise(14), range(5, 11), batch=4, framing=ExactSize(8))] == [4, 2]


def test_an_epoch_is_every_image_once_in_a_shuffled_order():
    order = [position for batch in _order(Noise(14)) for position in batch]
    assert order != list(range(14))
    assert sorted(order) == list(range(14))


def test_the_order_is_a_function_of_seed_and_epoch():
    images = Noise(14)
    torch.manual_seed(1)
    first = _order(images, seed=3, epoch=5)
    torch.manual_seed(2)
    assert _order(images, seed=3, epoch=5) == first
    assert _order(images, seed=3, epoch=6) != first
    assert _order(images, seed=4, epoch=5) != first


def test_batches_that_were_done_are_skipped_and_not_decoded():
    whole = _order(Noise(14))
    for skip in range(5):
        assert _order(Noise(14, damaged=whole[0][0]), skip=max(skip, 1)) == whole[max(skip, 1) :]


@pytest.mark.parametrize(
    ("images", "steps", "last"), [(14, 4, 2), (13, 3, 4), (12, 3, 4), (5, 1, 4), (3, 1, 3), (1, 0, 0)]
)
def test_a_single_face_left_over_is_left_out(images, steps, last):
    order = _order(Noise(images))
    assert len(order) == steps == steps_per_epoch(images, 4)
    assert (len(order[-1]) if order else 0) == last


def test_batches_of_several_images_an_identity_are_skipped_as_others_are():
    images = Noise(15)  # seven identities of two images, and one of one
    whole = _order(images, per_identity=2, epoch=3)
    assert [len(batch) for batch in whole] == [len(batch) for batch in _order(images)]
    for batch in whole[:-1]:
        identities = images.labels[batch].tolist()
        assert all(identities.count(identity) >= 2 for identity in identities)
    for skip in range(1, 4):
        assert _order(images, per_identity=2, epoch=3, skip=skip) == whole[skip:]
    assert _order(images, per_identity=2, epoch=4) != whole


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_workers_change_nothing(workers):
    images = Noise(14)
    plain = list(batches(images, batch=4, framing=ExactSize(8), seed=0, epoch=0))
    loaded = list(batches(images, batch=4, framing=ExactSize(8), seed=0, epoch=0, workers=workers))
    assert len(loaded) == len(plain) == 4
    for one, other in zip(loaded, plain, strict=True):
        assert all(a.equal(b) and a.dtype == b.dtype for a, b in zip(one, other, strict=True))
    pixels, label, position = loaded[0]
    assert pixels.shape == (4, 8, 8, 3)
    assert label.tolist() == images.labels[position.numpy()].tolist()


@pytest.mark.parametrize("workers", [0, 1])
def test_a_damaged_image_is_an_error_that_names_it(workers):
    before = _order(Noise(14))
    bad = before[2][1]
    loaded = batches(Noise(14, damaged=bad), batch=4, framing=ExactSize(8), seed=0, epoch=0, workers=workers)
    assert [next(loaded)[2].tolist() for _ in range(2)] == before[:2]
    with pytest.raises(DataError, match=f"noise: record number {bad}: the image cannot be decoded .*Replace") as caught:
        next(loaded)
    assert caught.value.record == f"number {bad}"


def test_an_image_of_another_size_is_an_error():
    with pytest.raises(DataError, match="has 8 x 8 pixels, the network takes 16 x 16"):
        _order(Noise(4), framing=ExactSize(16))
