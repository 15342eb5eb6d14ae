"""Sizes of experiments: flags that would be passed over or are of another length of training are refused."""

import dataclasses

import pytest

from foveate.errors import RecipeError
from foveate.photo_scale import FULL as PHOTOS
from foveate.scale import FULL, SMALL


@pytest.mark.parametrize(
    ("scale", "changed", "flag"),
    [
        (FULL, {"epochs": 40}, "milestones"),
        (PHOTOS, {"epochs": 200}, "milestones"),
        (FULL, {"cycles": 2}, "cycles"),
        (FULL, {"floor": 0.1}, "floor"),
        (SMALL, {"milestones": (2, 3)}, "milestones"),
    ],
)
def test_flags_of_another_schedule_are_refused(scale, changed, flag):
    with pytest.raises(RecipeError, match=f"--{flag} is"):
        dataclasses.replace(scale, **changed)


@pytest.mark.parametrize(
    ("scale", "changed"),
    [
        (FULL, {"epochs": 40, "milestones": (12, 22, 30, 34)}),
        (FULL, {"epochs": 21}),
        (PHOTOS, {"epochs": 90}),
        (SMALL, {"epochs": 300, "cycles": 3, "floor": 0.01}),
    ],
)
def test_schedules_that_fit_are_made(scale, changed):
    made = dataclasses.replace(scale, **changed)
    assert made.factor.factor(0.99) < made.factor.factor(0.5) <= 1
