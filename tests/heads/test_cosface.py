"""CosFace: the lowered target cosine as a naive loop, and a margin that grows."""

import math

import pytest
import torch

from foveate.heads.cosface import CosFace
from foveate.heads.normface import NormFace


def naive(head, embedding, label, margin):
    total = 0.0
    for x, y in zip(embedding.tolist(), label.tolist(), strict=True):
        cosines = [
            sum(a * b for a, b in zip(x, w, strict=True)) / (math.hypot(*x) * math.hypot(*w))
            for w in head.weight.tolist()
        ]
        own = math.exp(head.scale * (cosines[y] - margin))
        others = sum(math.exp(head.scale * value) for j, value in enumerate(cosines) if j != y)
        total -= math.log(own / (own + others)) / len(label)
    return total


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 4, generator=generator, dtype=torch.float64), torch.tensor([0, 5, 2, 2, 1])


def test_the_own_cosine_is_lowered_by_the_margin(batch):
    torch.manual_seed(0)
    head = CosFace(4, 6, scale=8.0, margin=0.25).double()
    assert head(*batch).loss.item() == pytest.approx(naive(head, *batch, 0.25))


@pytest.mark.parametrize(("progress", "margin"), [(0.0, 0.0), (0.125, 0.1), (0.25, 0.2), (0.5, 0.4), (0.9, 0.4)])
def test_the_margin_grows_over_its_warmup_and_then_stays(batch, progress, margin):
    torch.manual_seed(0)
    head = CosFace(4, 6, scale=8.0, margin=0.4, warmup=0.5).double()
    assert head(*batch, progress).loss.item() == pytest.approx(naive(head, *batch, margin))


def test_without_a_warmup_the_whole_margin_is_there_from_the_first_step(batch):
    torch.manual_seed(0)
    head = CosFace(4, 6).double()
    assert head(*batch, 0.0).loss.item() == head(*batch, 1.0).loss.item()


def test_no_margin_is_normface(batch):
    torch.manual_seed(0)
    head, plain = CosFace(4, 6, margin=0.0).double(), NormFace(4, 6).double()
    plain.load_state_dict(head.state_dict())
    assert torch.equal(head(*batch).logits, plain(*batch).logits)
