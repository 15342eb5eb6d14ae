"""FitNet: its loss as a naive loop, and its adapters."""

import pytest
import torch

from foveate.distill.fitnet import FitNet
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

SHAPES = ((4, 3, 3), (6, 2, 2))


def trace(seed, *shapes):
    generator = torch.Generator().manual_seed(seed)
    features = [torch.randn(2, *shape, generator=generator, dtype=torch.float64) for shape in shapes]
    caught = tuple(Caught(f"stage{i}", value, value) for i, value in enumerate(features, start=1))
    return Trace(torch.zeros(2, 2), None, {"stage[1-4]": caught})


def prepared(student, **more):
    torch.manual_seed(0)
    made = FitNet(**more).double()
    made.prepare(student)
    for stage, adapter in enumerate(made.double().eval().adapters):
        adapter[1].running_mean.fill_(0.3 * stage)
        adapter[1].running_var.fill_(2.0 + stage)
    return made


def naive(adapter, ours, theirs):
    """One number of the teacher's features at a time."""
    weight, norm = adapter[0].weight[:, :, 0, 0].tolist(), adapter[1]
    total = 0.0
    for face in range(len(theirs)):
        for k, y, x in torch.cartesian_prod(*map(torch.arange, theirs.shape[1:])).tolist():
            answer = sum(w * ours[face, c, y, x].item() for c, w in enumerate(weight[k]))
            answer = (answer - norm.running_mean[k].item()) / (norm.running_var[k].item() + norm.eps) ** 0.5
            total += (answer - theirs[face, k, y, x].item()) ** 2
    return total / theirs.numel()


@pytest.mark.parametrize(("theirs", "channels"), [(SHAPES, None), (((5, 3, 3), (3, 2, 2)), (5, 3))])
def test_the_loss_is_the_mean_squared_distance_of_adapted_features_mean_over_stages(theirs, channels):
    student, teacher = trace(0, *SHAPES), trace(1, *theirs)
    made = prepared(student, channels=channels)
    stages = zip(made.adapters, student.caught["stage[1-4]"], teacher.caught["stage[1-4]"], strict=True)
    want = sum(naive(adapter, ours.output, hint.output) for adapter, ours, hint in stages) / 2
    assert made(student, teacher).item() == pytest.approx(want)


def test_channels_for_another_number_of_stages_are_refused():
    with pytest.raises(RecipeError, match="seen at 2 places, and channels of 3 are given"):
        FitNet(channels=(4, 5, 6)).prepare(trace(0, *SHAPES))


def test_a_teacher_with_other_channels_than_it_was_told_is_refused():
    student = trace(0, *SHAPES)
    with pytest.raises(RecipeError, match="adapted to 4 channels, the teacher's have 9"):
        prepared(student)(student, trace(1, (9, 3, 3), (6, 2, 2)))


def test_a_loss_without_adapters_is_refused():
    with pytest.raises(RecipeError, match="no adapters yet"):
        FitNet()(trace(0, *SHAPES), trace(1, *SHAPES))
