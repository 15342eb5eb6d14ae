"""Learning rates, step by step."""

import math
from itertools import pairwise

import pytest

from foveate.schedule import Cosine, Steps

PER_EPOCH = 3833


def test_the_papers_rates_hold_at_every_step_of_every_epoch():
    """The released schedule, by 1-based epoch, for the 20 epochs of 3,833 steps that CASIA-WebFace has at batch 128."""
    want = {
        **dict.fromkeys(range(1, 6), 0.1),
        **dict.fromkeys(range(6, 11), 1e-2),
        **dict.fromkeys(range(11, 15), 1e-3),
    }
    want |= {15: 1e-4, 16: 1e-4, **dict.fromkeys(range(17, 21), 1e-5)}
    schedule, total = Steps(), 20 * PER_EPOCH
    for epoch in range(1, 21):
        rates = {0.1 * schedule.factor(step / total) for step in range((epoch - 1) * PER_EPOCH, epoch * PER_EPOCH)}
        assert len(rates) == 1, epoch
        assert rates.pop() == pytest.approx(want[epoch])


@pytest.mark.parametrize("epochs", [3, 7, 12, 90])
@pytest.mark.parametrize("per_epoch", [1, 3, 7, 1001])
def test_the_rate_falls_with_the_first_step_of_a_milestone(epochs, per_epoch):
    for milestone in range(2, epochs + 1):
        schedule, first = Steps(epochs=epochs, milestones=(milestone,)), (milestone - 1) * per_epoch
        assert schedule.factor((first - 1) / (epochs * per_epoch)) == 1
        assert schedule.factor(first / (epochs * per_epoch)) == pytest.approx(0.1)


def test_a_cosine_falls_from_1_to_0():
    schedule = Cosine()
    assert schedule.factor(0.0) == 1
    assert schedule.factor(1 / 3) == pytest.approx(0.75)
    assert schedule.factor(0.5) == pytest.approx(0.5)
    assert schedule.factor(1.0) == pytest.approx(0.0)
    values = [schedule.factor(step / 100) for step in range(100)]
    assert all(later < earlier for earlier, later in pairwise(values))


def test_a_cosine_begins_after_its_warmup():
    schedule = Cosine(warmup=0.2)
    assert [schedule.factor(progress) for progress in (0.0, 0.05, 0.1, 0.2)] == pytest.approx([0.0, 0.25, 0.5, 1.0])
    assert schedule.factor(0.6) == pytest.approx(0.5 * (1 + math.cos(math.pi / 2)))
    assert schedule.factor(1.0) == pytest.approx(0.0)


def test_a_warmup_of_steps_rises_to_the_base_rate():
    schedule = Steps(warmup=0.1, epochs=10, milestones=(6,))
    assert [schedule.factor(progress) for progress in (0.0, 0.05, 0.1, 0.3, 0.5)] == pytest.approx([0, 0.5, 1, 1, 0.1])


@pytest.mark.parametrize(("cycles", "steps"), [(22, 10), (21, 33), (7, 299), (30, 2)])
def test_every_cycle_begins_with_its_own_step(cycles, steps):
    total, schedule = cycles * steps, Cosine(cycles=cycles, floor=0.01)
    rates = [schedule.factor(step / total) for step in range(total)]
    assert [step for step, rate in enumerate(rates) if rate == 1] == list(range(0, total, steps))
