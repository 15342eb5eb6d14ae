"""NormFace: scaled cosines as a naive loop."""

import math

import pytest
import torch

from foveate.heads.normface import NormFace


def test_logits_are_scaled_cosines():
    torch.manual_seed(0)
    head = NormFace(4, 6, scale=7.0).double()
    embedding, label = torch.randn(5, 4, dtype=torch.float64), [0, 5, 2, 2, 1]
    scored, total = head(embedding, torch.tensor(label)), 0.0
    for number, (x, y) in enumerate(zip(embedding.tolist(), label, strict=True)):
        logits = [
            7 * sum(a * b for a, b in zip(x, w, strict=True)) / (math.hypot(*x) * math.hypot(*w))
            for w in head.weight.tolist()
        ]
        assert scored.logits[number].tolist() == pytest.approx(logits)
        total -= math.log(math.exp(logits[y]) / sum(math.exp(value) for value in logits)) / 5
    assert scored.loss.item() == pytest.approx(total)


def test_lengths_do_not_matter():
    torch.manual_seed(0)
    head, embedding, label = NormFace(4, 6).double(), torch.randn(5, 4, dtype=torch.float64), torch.arange(5)
    before = head(embedding, label).loss.item()
    head.weight.data *= torch.arange(1, 7)[:, None]
    assert head(embedding * torch.arange(1, 6)[:, None], label).loss.item() == pytest.approx(before)
