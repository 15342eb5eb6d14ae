"""Attention transfer: the authors' numbers, equation 2 as a naive loop, and the cosine form."""

import math

import numpy as np
import pytest
import torch

from foveate.distill.at import AttentionTransfer
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

GLOB = "stage[1-4]"


def trace(*features):
    caught = tuple(Caught(f"stage{i}", value, value) for i, value in enumerate(features, start=1))
    return Trace(torch.zeros(len(features[0]), 2), None, {GLOB: caught})


def draw(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def energy(face):
    """Where the energy of one face's features (C, H, W) lies, one place at a time."""
    channels, height, width = face.shape
    places = [
        sum(face[c, y, x].item() ** 2 for c in range(channels)) / channels for y in range(height) for x in range(width)
    ]
    length = math.sqrt(sum(value**2 for value in places))
    return [value / length for value in places]


def naive(student, teacher, distance):
    found = [distance(energy(a), energy(b)) for a, b in zip(student, teacher, strict=True)]
    return sum(found) / len(found)


def squared(a, b):
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) / len(a)


def cosine(a, b):
    return 1 - sum(x * y for x, y in zip(a, b, strict=True))


STAGES = [(draw(0, 3, 4, 5, 5), draw(1, 3, 6, 5, 5)), (draw(2, 3, 8, 2, 3), draw(3, 3, 8, 2, 3))]
STUDENT, TEACHER = (trace(*stages) for stages in zip(*STAGES, strict=True))


def test_loss_and_gradient_match_the_authors_code(golden):
    with np.load(golden / "at.npz") as file:
        arrays = {name: torch.from_numpy(file[name]).double() for name in file.files}
    student = arrays["student"].requires_grad_()
    loss = AttentionTransfer()(trace(student), trace(arrays["teacher"]))
    loss.backward()
    assert loss.item() == pytest.approx(arrays["loss"].item(), rel=1e-5)
    want = arrays["grad"]
    assert torch.linalg.vector_norm(student.grad - want) <= 1e-5 * torch.linalg.vector_norm(want)


@pytest.mark.parametrize(("flag", "distance"), [(False, squared), (True, cosine)])
def test_the_loss_is_the_mean_over_stages_of_the_distance_of_energy_maps(flag, distance):
    want = sum(naive(*stage, distance) for stage in STAGES) / len(STAGES)
    assert AttentionTransfer(cosine=flag)(STUDENT, TEACHER).item() == pytest.approx(want)


@pytest.mark.parametrize("flag", [False, True])
def test_the_size_the_sign_and_the_order_of_channels_do_not_matter(flag):
    features = draw(0, 3, 4, 5, 5)
    loss = AttentionTransfer(cosine=flag)(trace(features), trace(-3 * features.flip(1)))
    assert loss.item() == pytest.approx(0, abs=1e-12)


def test_features_without_any_energy_do_no_harm():
    features = torch.zeros(2, 3, 4, 4, requires_grad=True)
    AttentionTransfer()(trace(features), trace(draw(0, 2, 3, 4, 4).float())).backward()
    assert features.grad.isfinite().all()


def test_stages_of_other_sides_are_refused_by_name():
    with pytest.raises(RecipeError, match="stage1 has 5 x 5 places, the teacher's 3 x 3"):
        AttentionTransfer()(trace(draw(0, 2, 3, 5, 5)), trace(draw(0, 2, 3, 3, 3)))
