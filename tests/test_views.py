"""Two views of the same faces: drawn together, by (seed, epoch, index) alone, in the declared colours and range."""

import numpy as np
import pytest
import torch

from foveate.degrade.mixed import Mixed
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink
from foveate.views import Batch, FaceViews


def make_batch(faces=32, size=16, first=0):
    random = np.random.default_rng(0)
    images = torch.from_numpy(random.integers(0, 256, (faces, size, size, 3), dtype=np.uint8))
    return Batch(images, torch.arange(faces) % 5, torch.arange(first, first + faces))


def part(batch, chosen):
    return Batch(*(item[chosen] for item in batch))


def test_values_are_float32_in_minus_1_to_1_channels_first():
    pixels = torch.zeros(1, 2, 2, 3, dtype=torch.uint8)
    pixels[0, 0, 1] = torch.tensor([255, 0, 51], dtype=torch.uint8)
    seen = FaceViews().normalise(pixels)
    assert seen.dtype == torch.float32
    assert seen.shape == (1, 3, 2, 2)
    assert seen[0, :, 0, 1].tolist() == pytest.approx([1.0, -1.0, 2 * 51 / 255 - 1])


def test_bgr_is_rgb_with_the_channels_turned_round():
    batch = make_batch()
    rgb, bgr = FaceViews(Shrink(8)), FaceViews(Shrink(8), colour="bgr")
    assert torch.equal(rgb.normalise(batch.images).flip(1), bgr.normalise(batch.images))
    assert torch.equal(rgb.see(batch.images).flip(1), bgr.see(batch.images))
    for ours, theirs in zip(rgb(batch, seed=0, epoch=0)[:2], bgr(batch, seed=0, epoch=0)[:2], strict=True):
        assert torch.equal(ours.flip(1), theirs)


def test_normalising_leaves_the_images_alone():
    batch = make_batch()
    before = batch.images.clone()
    FaceViews(colour="bgr", crop=2)(batch, seed=0, epoch=0)
    assert torch.equal(batch.images, before)


def test_the_low_view_is_the_degraded_high_view():
    views = FaceViews(Shrink(8), crop=2)(make_batch(), seed=0, epoch=0)
    assert torch.equal(views.low, Shrink(8)(views.high))
    assert not torch.equal(views.low, views.high)


def test_without_degradation_both_views_are_the_same():
    views = FaceViews()(make_batch(), seed=0, epoch=0)
    assert torch.equal(views.low, views.high)


def test_each_face_is_itself_or_its_mirror_image_half_of_them_each():
    batch = make_batch(400, 4)
    high = FaceViews()(batch, seed=0, epoch=0).high
    straight = FaceViews().normalise(batch.images)
    mirrored = (high == straight.flip(3)).flatten(1).all(1)
    assert torch.equal(~mirrored, (high == straight).flatten(1).all(1))
    assert 150 < mirrored.sum() < 250


@pytest.mark.parametrize(("flip", "mirrored"), [(0.0, False), (1.0, True)])
def test_flip_is_a_probability(flip, mirrored):
    batch = make_batch()
    straight = FaceViews().normalise(batch.images)
    high = FaceViews(flip=flip)(batch, seed=0, epoch=0).high
    assert torch.equal(high, straight.flip(3) if mirrored else straight)


def test_a_crop_moves_faces_with_their_borders_repeated():
    batch = make_batch(200, 8)
    moved = FaceViews(flip=0.0, crop=2)(batch, seed=0, epoch=0).high
    straight = FaceViews().normalise(batch.images)
    padded = torch.nn.functional.pad(straight, (2, 2, 2, 2), mode="replicate")
    found = set()
    for face in range(200):
        places = [
            (row - 2, column - 2)
            for row in range(5)
            for column in range(5)
            if torch.equal(padded[face, :, row : row + 8, column : column + 8], moved[face])
        ]
        assert len(places) == 1
        found |= set(places)
    assert found == {(row, column) for row in range(-2, 3) for column in range(-2, 3)}


def test_views_are_a_function_of_seed_epoch_and_index_whatever_the_batch():
    views, batch = FaceViews(Mixed((Shrink(8, (0.1, 2.0)), Released(8), Sharp())), crop=2), make_batch()
    whole = views(batch, seed=3, epoch=7)
    for chosen in (torch.arange(5), torch.tensor([31, 0, 17]), torch.arange(31, -1, -1)):
        some = views(part(batch, chosen), seed=3, epoch=7)
        assert torch.equal(some.high, whole.high[chosen])
        torch.testing.assert_close(some.low, whole.low[chosen], rtol=0, atol=1e-6)
        assert torch.equal(some.target, whole.target[chosen])


@pytest.mark.parametrize("other", [{"seed": 4, "epoch": 7}, {"seed": 3, "epoch": 8}])
def test_another_seed_or_epoch_draws_anew(other):
    views, batch = FaceViews(Shrink(8, (0.1, 2.0)), crop=2), make_batch()
    one, two = views(batch, seed=3, epoch=7), views(batch, **other)
    assert not torch.equal(one.high, two.high)
    assert not torch.equal(one.low, two.low)


def test_evaluation_draws_nothing():
    views, batch = FaceViews(Shrink(8, (0.0, 2.0)), crop=2), make_batch()
    want = Shrink(8, 1.0)(FaceViews().normalise(batch.images))
    torch.testing.assert_close(views.see(batch.images), want)
    assert torch.equal(views.see(batch.images), views.see(batch.images))


def test_the_released_view_of_a_mirror_image_is_no_mirror_image():
    """The authors' degradation shifts to one side, so the flip has to come before it (docs/degradation.md)."""
    views, batch = FaceViews(Released(4), colour="bgr", flip=1.0), make_batch()
    low = views(batch, seed=0, epoch=0).low
    torch.testing.assert_close(low, views.see(batch.images.flip(2)))
    assert not torch.allclose(low, views.see(batch.images).flip(3), atol=0.1)
