"""Which photo of a pair is small, and what follows for every measure."""

import dataclasses
import io

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from foveate.data.decode import decode
from foveate.data.pairs import VerificationPairs
from foveate.degrade.mixed import Mixed
from foveate.degrade.resize import resize
from foveate.degrade.shrink import Shrink
from foveate.errors import DataError
from foveate.evaluate.embed import embed
from foveate.evaluate.face_evaluations import face_evaluations
from foveate.evaluate.faces import FaceVerification, face_verifications
from foveate.evaluate.mode import sides
from foveate.evaluate.roc import roc
from foveate.evaluate.sweep import Sweep
from foveate.evaluate.verification import verify
from foveate.views import FaceViews

VIEWS = FaceViews(Shrink(14))


class _Pixels(nn.Module):
    """Embeds a face by some of its pixels."""

    def __init__(self):
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, images):
        return images[:, :, 5::16, 7::16].flatten(1)


def _png(pixels):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def _set(side, *, native=False):
    """Pairs of a picture with itself under a little noise, and of two pictures."""
    draw = np.random.default_rng(0)
    images = []
    for _ in range(20):
        width = side + int(draw.integers(0, 9)) * native
        coarse = Image.fromarray(draw.integers(0, 256, (7, 7, 3), dtype=np.uint8)).resize((width, side))
        for _ in range(2):
            noise = draw.normal(0, 60, (side, width, 3))
            images.append(_png((np.asarray(coarse) + noise).clip(0, 255).astype(np.uint8)))
    left = 2 * np.repeat(np.arange(20), 2)
    same = np.arange(40) % 2 == 0
    right = np.where(same, left + 1, (left + 3) % 40)
    return VerificationPairs("set", images, left, right, same, np.arange(40) // 4, np.arange(40) // 2, native)


@pytest.fixture(scope="module")
def pairs():
    return _set(112)


@pytest.mark.parametrize(("mode", "small"), [("LR-LR", (1, 1)), ("HR-LR", (0, 1)), ("HR-HR", (0, 0))])
def test_every_measure_is_that_of_photos_seen_by_themselves(pairs, mode, small):
    network = _Pixels().eval()
    seen = [embed(network, pairs.images, see, size=112) for see in (VIEWS.normalise, VIEWS.see)]
    left, right = seen[small[0]][pairs.left], seen[small[1]][pairs.right]
    answer, arrays = FaceVerification(pairs, VIEWS, 112, "set", mode).detailed(network)
    joined = [each.reshape(40, -1) for each in (left, right)]
    for protocol, parts in (("authors", joined), ("insightface", [left.sum(1), right.sum(1)])):
        judged = verify(*parts, pairs.same, pairs.fold, protocol=protocol)
        assert answer[protocol]["accuracy"] == judged.accuracy
        assert answer[protocol]["threshold_by_fold"] == judged.threshold_by_fold.tolist()
    curve = roc(judged.scores, pairs.same)
    assert answer["auc"] == curve.auc
    assert answer["true_accept_rate_at_false_accept_rate"] == {
        rate: curve.true_accept_at(float(rate))[0] for rate in ("0.3", "0.1", "0.01", "0.001")
    }
    assert (answer["mode"], answer["degradation"]) == (mode, "sharp" if mode == "HR-HR" else "paper 14px")
    assert (answer["all_pairs"] is None) == (mode == "HR-LR")
    assert ("all_same" in arrays) == (mode != "HR-LR")


def test_a_network_that_has_burst_is_refused_in_words(pairs):
    class Burst(_Pixels):
        def forward(self, images):
            return super().forward(images) * torch.inf

    with pytest.raises(DataError, match="not finite"):
        FaceVerification(pairs, VIEWS, 112, "set").detailed(Burst().eval())


def test_modes_differ_and_sharp_photos_are_those_of_a_network_without_degradation(pairs):
    network = _Pixels().eval()
    found = {
        mode: FaceVerification(pairs, VIEWS, 112, "set", mode).detailed(network)[1]["scores"]
        for mode in ("LR-LR", "HR-LR", "HR-HR")
    }
    assert not np.allclose(found["LR-LR"], found["HR-LR"], atol=1e-2)
    assert not np.allclose(found["HR-HR"], found["HR-LR"], atol=1e-2)
    sharp = FaceVerification(pairs, FaceViews(), 112, "set").detailed(network)[1]["scores"]
    assert np.array_equal(sharp, found["HR-HR"])


def test_the_sweep_judges_each_mode_as_the_evaluation_does(pairs):
    network = _Pixels().eval()
    swept = Sweep(pairs, VIEWS, "paper", 112, (14,))(network)
    for mode in ("LR-LR", "HR-LR"):
        answer = FaceVerification(pairs, VIEWS, 112, "set", mode)(network)
        assert swept[mode][0]["accuracy"] == answer["authors"]["accuracy"]


def test_the_second_photo_is_the_small_one(pairs):
    sharp, low = np.zeros((40, 2, 3)), np.ones((40, 2, 3))
    left, right = sides(pairs, {False: sharp, True: low}, "HR-LR")
    assert (left.max(), right.min()) == (0, 1)


def test_each_mode_has_a_name_and_sharp_faces_have_no_sizes(pairs):
    views = FaceViews(Mixed((Shrink(14), Shrink(28))))
    found = face_verifications([pairs], views, 112, modes=("LR-LR", "HR-LR", "HR-HR"))
    assert [each.name for each in found] == [
        "set at paper 14px",
        "set at paper 28px",
        "set HR-LR at paper 14px",
        "set HR-LR at paper 28px",
        "set HR-HR",
    ]
    assert found[-1].headline(found[-1](_Pixels())).startswith("set, HR-HR at sharp: ")
    assert found[2].headline(found[2](_Pixels())).startswith("set, HR-LR at paper 14px: ")


@pytest.mark.parametrize("colour", ["rgb", "bgr"])
def test_native_faces_are_enlarged_and_never_degraded_whatever_the_mode(colour):
    pairs, network, way = _set(16, native=True), _Pixels().eval(), "bicubic" if colour == "rgb" else "nearest"
    views = dataclasses.replace(VIEWS, colour=colour)
    (evaluation,) = face_evaluations([pairs], views, 112, modes=("HR-LR", "LR-LR"))
    assert (evaluation.name, evaluation.resize) == ("set", way)
    answer, arrays = evaluation.detailed(network)
    pixels = [resize(torch.from_numpy(decode(image, file="set", record=0)), 112, by=way) for image in pairs.images]
    both = torch.stack([network(views.normalise(torch.stack([each, each.flip(1)]))) for each in pixels])
    joined = both.reshape(40, -1).detach().numpy()
    judged = verify(joined[pairs.left], joined[pairs.right], pairs.same, pairs.fold, protocol="authors")
    assert answer["authors"]["accuracy"] == judged.accuracy
    np.testing.assert_allclose(arrays["scores"], judged.scores, atol=1e-3)
    assert (answer["mode"], answer["degradation"]) == ("LR-LR", "native")
    assert "at native: " in evaluation.headline(answer)
    assert evaluation.headline(answer).endswith("% at FAR 30 / 10 / 1 / 0.1 %")
