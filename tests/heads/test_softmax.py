"""Softmax: equation 1 as a naive loop."""

import math

import pytest
import torch

from foveate.heads.softmax import Softmax


@pytest.mark.parametrize("bias", [True, False])
def test_the_loss_is_equation_1(bias):
    torch.manual_seed(0)
    head = Softmax(4, 6, bias=bias).double()
    if bias:
        torch.nn.init.normal_(head.bias)
    embedding, label = torch.randn(5, 4, dtype=torch.float64), [0, 5, 2, 2, 1]
    total = 0.0
    for x, y in zip(embedding.tolist(), label, strict=True):
        logits = [sum(a * b for a, b in zip(x, w, strict=True)) for w in head.weight.tolist()]
        logits = [value + shift for value, shift in zip(logits, head.bias.tolist() if bias else [0.0] * 6, strict=True)]
        total -= math.log(math.exp(logits[y]) / sum(math.exp(value) for value in logits)) / 5
    assert head(embedding, torch.tensor(label)).loss.item() == pytest.approx(total)


def test_the_bias_starts_at_zero_and_is_learned():
    head = Softmax(4, 6)
    assert head.bias.tolist() == [0.0] * 6
    head(torch.randn(3, 4), torch.tensor([0, 1, 2])).loss.backward()
    assert head.bias.grad.abs().sum() > 0


def test_without_a_bias_there_is_no_parameter_for_it():
    assert [name for name, _ in Softmax(4, 6, bias=False).named_parameters()] == ["weight"]
