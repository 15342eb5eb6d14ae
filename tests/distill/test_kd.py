"""Logit distillation: its formula as a naive loop."""

import math

import pytest
import torch

from foveate.distill.kd import LogitKD
from foveate.distill.trace import Trace
from foveate.errors import RecipeError


def trace(logits):
    return Trace(torch.zeros(3, 2), logits, {})


def logits(seed):
    return 5 * torch.randn(3, 6, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def softened(row, temperature):
    powers = [math.exp(value / temperature) for value in row]
    return [value / sum(powers) for value in powers]


@pytest.mark.parametrize("temperature", [1.0, 4.0, 20.0])
def test_the_loss_is_t_squared_times_the_divergence_of_student_from_teacher(temperature):
    student, teacher = logits(0), logits(1)
    total = 0.0
    for ours, theirs in zip(student.tolist(), teacher.tolist(), strict=True):
        q, p = softened(ours, temperature), softened(theirs, temperature)
        total += sum(t * math.log(t / s) for t, s in zip(p, q, strict=True))
    want = temperature**2 * total / 3
    assert LogitKD(temperature)(trace(student), trace(teacher)).item() == pytest.approx(want)


def test_the_temperature_of_the_authors_is_4():
    student, teacher = trace(logits(0)), trace(logits(1))
    assert LogitKD()(student, teacher).item() == LogitKD(4.0)(student, teacher).item()


def test_equal_logits_give_0_and_a_shift_of_all_logits_changes_nothing():
    same = logits(0)
    assert LogitKD()(trace(same), trace(same.clone())).item() == pytest.approx(0, abs=1e-12)
    assert LogitKD()(trace(same + 3), trace(same)).item() == pytest.approx(0, abs=1e-12)


def test_t_squared_keeps_gradients_of_one_size_at_high_temperatures():
    sizes = []
    for temperature in (50.0, 100.0, 200.0):
        student = logits(0).requires_grad_()
        LogitKD(temperature)(trace(student), trace(logits(1))).backward()
        sizes.append(student.grad.norm().item())
    assert sizes[1] == pytest.approx(sizes[0], rel=0.1)
    assert sizes[2] == pytest.approx(sizes[1], rel=0.1)


def test_the_loss_is_not_symmetric():
    one, two = trace(logits(0)), trace(logits(1))
    assert LogitKD()(one, two).item() != pytest.approx(LogitKD()(two, one).item())


@pytest.mark.parametrize("missing", ["student", "teacher"])
def test_a_trace_without_logits_is_refused(missing):
    traces = {"student": trace(logits(0)), "teacher": trace(logits(1)), missing: trace(None)}
    with pytest.raises(RecipeError, match="needs the logits of both heads"):
        LogitKD()(traces["student"], traces["teacher"])
