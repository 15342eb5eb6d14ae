"""A detector's boxes are of the photo, whatever size and border the network saw; several looks vote."""

import numpy as np
import pytest
import torch
from torch import nn

from foveate.degrade.by_ratio import ByRatio
from foveate.degrade.sharp import Sharp
from foveate.detect.anchors import anchors, level_sides
from foveate.detect.boxes import encode
from foveate.detect.decoding import Decoding
from foveate.detect.finder import Finder
from foveate.detect.voting import vote
from foveate.errors import RecipeError
from foveate.scene_views import SceneViews


class _Bright(nn.Module):
    """Answers the box around all bright pixels at the anchor that overlaps it most, and nothing elsewhere."""

    def __init__(self):
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(1))
        self.sizes = []

    def forward(self, images):
        self.sizes.append(tuple(images.shape[2:]))
        at = anchors(level_sides(*images.shape[2:]))
        bright = (images[0].mean(0) > 60).nonzero()
        box = torch.cat([bright.amin(0).flip(0), bright.amax(0).flip(0) + 1]).float()[None]
        answers = torch.full((1, len(at), 6), -20.0)
        place = ((at[:, :2] + at[:, 2:]) / 2 - (box[:, :2] + box[:, 2:]) / 2).norm(dim=1).argmin()
        answers[0, place, 0] = answers[0, place, 5] = 3.0
        answers[0, place, 1:5] = encode(box, at[place][None])[0]
        return answers


def _photo(height=90, width=150):
    pixels = np.full((height, width, 3), 20, dtype=np.uint8)
    pixels[30:62, 40:65] = 255
    return pixels


def _finder(**more):
    return Finder(**{"network": _Bright(), "views": SceneViews(), "decoding": Decoding(), "fit": (90, 150), **more})


@pytest.mark.parametrize("fit", [(90, 150), (180, 400), (64, 96)])
def test_boxes_are_in_pixels_of_the_photo(fit):
    finder = _finder(fit=fit)
    found = finder(_photo())
    factor = min(fit[0] / 90, fit[1] / 150)
    assert finder.factor(90, 150) == factor
    assert found.boxes[0].tolist() == pytest.approx([40, 30, 65, 62], abs=1.6 / factor)
    assert 0 < found.scores[0] < 1
    (size,) = finder.network.sizes
    assert all(side % 32 == 0 for side in size)
    assert size[0] - 32 < 90 * factor <= size[0]


def test_a_degraded_photo_is_searched_at_its_own_size():
    found = _finder(views=SceneViews(ByRatio(4.0)))(_photo())
    assert found.boxes[0].tolist() == pytest.approx([40, 30, 65, 62], abs=9)


def test_what_the_network_sees_is_shown_at_the_size_of_the_photo():
    photo = np.random.default_rng(0).integers(0, 256, (90, 150, 3), dtype=np.uint8)
    sharp, small = (_finder(views=SceneViews(degrade)).shown(photo) for degrade in (Sharp(), ByRatio(5.0)))
    assert np.array_equal(sharp, photo)
    assert np.array_equal(_finder(fit=(32, 64)).shown(photo), photo)  # though the network sees it smaller
    assert small.shape == photo.shape
    assert small.std() < 0.3 * photo.std()
    assert small.mean() == pytest.approx(photo.mean(), abs=2)


def test_mirror_images_and_further_looks_agree():
    finder = _finder(zooms=(1.0, 2.0), mirror=True)
    found = finder(_photo())
    assert len(finder.network.sizes) == 4
    assert len(found) == 1
    assert found.boxes[0].tolist() == pytest.approx([40, 30, 65, 62], abs=1)


def test_voting_averages_the_boxes_of_a_face_by_their_scores():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]])
    found, scores = vote(boxes, torch.tensor([0.9, 0.3, 0.5]), 0.45)
    assert scores.tolist() == pytest.approx([0.9, 0.5])
    assert found[0].tolist() == pytest.approx([0.25, 0, 10.25, 10])
    assert found[1].tolist() == [50, 50, 60, 60]
    assert len(vote(boxes[:0], torch.empty(0), 0.45)[0]) == 0


@pytest.mark.parametrize("wrong", [{"zooms": ()}, {"fit": (0, 10)}, {"zooms": (-1.0,)}, {"fit": (90, 60)}])
def test_looks_that_cannot_be_are_refused(wrong):
    with pytest.raises(RecipeError):
        _finder(**wrong)
