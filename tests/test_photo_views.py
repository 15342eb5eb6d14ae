"""Two views of photos: one crop and one mirror image for both, ImageNet's value range."""

import numpy as np
import pytest
import torch

from foveate.blueprint import build, describe
from foveate.degrade.preset import degradation
from foveate.errors import RecipeError
from foveate.photo_views import DEVIATION, MEAN, PhotoViews
from foveate.views import Batch


@pytest.fixture
def batch():
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), dtype=np.uint8))
    return Batch(pixels, torch.arange(40) % 3, torch.arange(40))


def test_values_are_less_the_mean_over_the_deviation(batch):
    found = PhotoViews().normalise(batch.images)
    for channel in range(3):
        want = (batch.images[..., channel].double() / 255 - MEAN[channel]) / DEVIATION[channel]
        torch.testing.assert_close(found[:, channel].double(), want, rtol=1e-5, atol=1e-6)


def test_both_views_are_mirrored_alike_and_the_low_one_is_the_high_one_degraded(batch):
    degrade = degradation("paper", ratio=(4,), size=16)
    views = PhotoViews(degrade)(batch, seed=1, epoch=2)
    torch.testing.assert_close(views.low, degrade(views.high), rtol=1e-4, atol=1e-5)
    plain, mirrored = (PhotoViews().normalise(images) for images in (batch.images, batch.images.flip(2)))
    is_plain = [bool(torch.equal(view, own)) for view, own in zip(views.high, plain, strict=True)]
    is_mirrored = [bool(torch.equal(view, other)) for view, other in zip(views.high, mirrored, strict=True)]
    assert all(one != other for one, other in zip(is_plain, is_mirrored, strict=True))
    assert 10 < sum(is_mirrored) < 30
    again = PhotoViews(degrade)(batch, seed=1, epoch=2)
    assert torch.equal(again.high, views.high)


def test_degrading_commutes_with_the_value_range(batch):
    degrade = degradation("paper", ratio=(2,), size=16)
    raw = batch.images.permute(0, 3, 1, 2).float() / 255
    mean, deviation = (torch.tensor(values)[:, None, None] for values in (MEAN, DEVIATION))
    torch.testing.assert_close(
        PhotoViews(degrade).see(batch.images), (degrade(raw) - mean) / deviation, rtol=1e-4, atol=1e-5
    )


def test_a_checkpoint_can_store_them():
    views = PhotoViews(degradation("paper", ratio=(4,), size=16), flip=0.25)
    assert build(describe(views)) == views


def test_a_teachers_answers_cannot_be_kept(batch):
    with pytest.raises(RecipeError, match="--cache"):
        PhotoViews().sharp(batch)
