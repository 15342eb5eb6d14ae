"""Top-1 and top-5 are counted as a plain loop over sorted classes counts them."""

import numpy as np
import pytest
import torch
from torch import nn

from foveate.data.encode import encode
from foveate.data.folder import ImageFolder
from foveate.data.image_writer import write_image
from foveate.data.photo_crops import CentreCrop
from foveate.degrade.preset import degradation
from foveate.errors import DataError
from foveate.evaluate.classification import classification, places
from foveate.evaluate.photos import PhotoClassification
from foveate.heads.softmax import Softmax
from foveate.photo_views import PhotoViews


def test_places_are_those_of_a_stable_sort():
    random = np.random.default_rng(0)
    scores, label = random.integers(0, 6, (200, 9)).astype(float), random.integers(0, 9, 200)
    want = [
        sorted(range(9), key=lambda number: (-row[number], number)).index(own)
        for row, own in zip(scores, label, strict=True)
    ]
    found = places(scores, label)
    assert found.tolist() == want
    result = classification(found)
    assert result.top1 == pytest.approx(np.mean([place == 0 for place in want]))
    assert result.top5 == pytest.approx(np.mean([place < 5 for place in want]))
    assert result.images == 200


def test_labels_that_are_no_classes_are_refused():
    with pytest.raises(DataError, match="cannot be judged"):
        places(np.zeros((2, 3)), np.array([0, 3]))
    with pytest.raises(DataError, match="cannot be judged"):
        places(np.zeros((0, 3)), np.zeros(0, dtype=int))
    with pytest.raises(DataError, match="the scores of 1 of 2 images are not finite") as caught:
        places(np.array([[1.0, 2.0], [np.nan, np.nan]]), np.array([0, 1]))
    assert caught.value.record == "image 1"


class _Brightness(nn.Module):
    """Answers with the mean of each channel."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images):
        return self.scale * images.mean((2, 3))


def test_photos_are_classified_with_the_head_and_as_the_network_sees_them(tmp_path):
    for number, name in enumerate(("blue", "green", "red")):
        for shade in (60, 200):
            photo = np.full((20 + shade // 10, 24, 3), 20, dtype=np.uint8)
            photo[..., 2 - number] = shade
            write_image(tmp_path / name / f"{shade}.png", encode(photo, quality=95))
    images = ImageFolder(tmp_path)
    head = Softmax(3, 3)
    head.weight.data = torch.eye(3).flip(0)  # the first class is blue
    head.bias.data.zero_()
    views = PhotoViews(degradation("paper", ratio=(2,), size=16), mean=(0.0, 0.0, 0.0), deviation=(1.0, 1.0, 1.0))
    judge = PhotoClassification(images, head, views, CentreCrop(16), "colours")
    answer, arrays = judge.detailed(_Brightness())
    assert answer == {"top1": 1.0, "top5": 1.0, "images": 6, "degradation": "paper 8px"}
    assert arrays["place"].tolist() == [0] * 6
    head.weight.data = -torch.eye(3).flip(0)
    answer, arrays = judge.detailed(_Brightness())
    assert arrays["place"].tolist() == [2] * 6
    assert answer["top1"] == 0
    assert "top-1 0.00 %" in judge.headline(answer)
