"""Boxes are mirrored with their photos, and both views are of one square."""

import torch

from foveate.degrade.by_ratio import ByRatio
from foveate.scene_views import MEAN, SceneViews
from foveate.views import Batch


def _batch(count=16, side=32):
    """Photos with one white patch each, where the box is; a second row of NaN."""
    generator = torch.Generator().manual_seed(0)
    images = torch.zeros(count, side, side, 3, dtype=torch.uint8)
    boxes = torch.full((count, 2, 4), torch.nan)
    for number in range(count):
        left, top = torch.randint(0, side - 10, (2,), generator=generator).tolist()
        images[number, top : top + 8, left : left + 6] = 255
        boxes[number, 0] = torch.tensor([left, top, left + 6, top + 8])
    return Batch(images, boxes, torch.arange(count))


def test_the_face_of_each_view_is_in_its_box():
    batch = _batch()
    views = SceneViews(ByRatio(2.0))(batch, seed=0, epoch=1)
    white = 255 - torch.tensor(MEAN)
    moved = 0
    for number in range(16):
        left, top, right, bottom = views.target[number, 0].int().tolist()
        assert (views.high[number, :, top:bottom, left:right] == white[:, None, None]).all()
        moved += views.target[number, 0].tolist() != batch.label[number, 0].tolist()
    assert 3 < moved < 13
    assert views.target[:, 1].isnan().all()


def test_values_are_those_of_tinaface():
    images = torch.full((1, 4, 6, 3), 200, dtype=torch.uint8)
    seen = SceneViews().normalise(images)
    assert seen.shape == (1, 3, 4, 6)
    torch.testing.assert_close(seen[0, :, 0, 0], 200 - torch.tensor([123.675, 116.28, 103.53]))


def test_photos_that_are_not_square_are_degraded_by_the_ratio_on_both_sides():
    images = torch.randint(0, 256, (1, 24, 48, 3), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    views = SceneViews(ByRatio(4.0))
    seen = views.see(images)
    rows, _ = ByRatio(4.0).operators(24)
    _, columns = ByRatio(4.0).operators(48)
    expected = rows[:, None] @ views.normalise(images).double() @ columns[:, None].mT
    torch.testing.assert_close(seen.double(), expected, rtol=1e-4, atol=1e-3)
