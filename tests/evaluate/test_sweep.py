"""A network is judged at many sizes of the face, and the smallest usable one is told."""

import dataclasses

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from foveate.data.encode import encode
from foveate.data.pairs import VerificationPairs
from foveate.degrade.preset import degradation
from foveate.evaluate.embed import embed
from foveate.evaluate.sweep import Sweep, smallest_usable
from foveate.evaluate.verification import verify
from foveate.views import FaceViews

VIEWS = FaceViews()


class _Pixels(nn.Module):
    """Embeds a face by some of its pixels."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        return images[:, :, ::8, ::8].flatten(1)


@pytest.fixture(scope="module")
def pairs():
    """Pairs of one picture with itself under a little noise, and of two pictures."""
    draw = np.random.default_rng(0)
    images = []
    for _ in range(20):
        coarse = Image.fromarray(draw.integers(0, 256, (28, 28, 3), dtype=np.uint8)).resize((112, 112))
        for _ in range(2):
            noise = draw.normal(0, 20, (112, 112, 3))
            images.append(encode((np.asarray(coarse) + noise).clip(0, 255).astype(np.uint8)))
    left = 2 * np.repeat(np.arange(20), 2)
    same = np.arange(40) % 2 == 0
    return VerificationPairs("set", images, left, np.where(same, left + 1, (left + 3) % 40), same, np.arange(40) // 4)


def test_each_point_is_the_verification_of_faces_of_that_size(pairs):
    network = _Pixels().eval()
    found = Sweep(pairs, VIEWS, "paper", 112, (112, 7, 28))(network)
    assert [point["side"] for point in found["LR-LR"]] == [7, 28, 112]

    def joined(side):
        views = dataclasses.replace(VIEWS, degrade=degradation("paper", side=(side,)))
        return embed(network, pairs.images, views.see, size=112).reshape(40, -1)

    sharp = joined(112)
    for place, side in enumerate((7, 28, 112)):
        low = joined(side)
        for mode, first in (("LR-LR", low), ("HR-LR", sharp)):
            judged = verify(first[pairs.left], low[pairs.right], pairs.same, pairs.fold, protocol="authors")
            assert found[mode][place]["accuracy"] == pytest.approx(judged.accuracy)
    assert found["LR-LR"][-1] == found["HR-LR"][-1]
    assert "7 px" in Sweep(pairs, VIEWS, "paper", 112).headline(found)


@pytest.mark.parametrize(
    ("rates", "usable"), [([0.1, 0.6, 0.9], 14), ([0.6, 0.4, 0.9], 28), ([0.9] * 3, 7), ([0.1] * 3, None)]
)
def test_the_smallest_usable_size_is_one_above_which_all_are(rates, usable):
    points = [{"side": side, "true_accept_rate": rate} for side, rate in zip((7, 14, 28), rates, strict=True)]
    assert smallest_usable(points, 0.5) == usable
