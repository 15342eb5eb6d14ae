"""Degradations by the names of the paper's tables."""

import pytest

from foveate.degrade.mixed import Mixed
from foveate.degrade.preset import degradation
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink
from foveate.errors import RecipeError


@pytest.mark.parametrize(("ratio", "side"), [(2, 56), (4, 28), (8, 14)])
def test_a_ratio_is_a_side(ratio, side):
    assert degradation("paper", ratio=(ratio,)) == degradation("paper", side=(side,)) == Shrink(side)
    assert degradation("released", ratio=(ratio,)) == Released(side)


@pytest.mark.parametrize("preset", ["paper", "released"])
def test_ratio_1_is_the_sharp_face(preset):
    assert degradation(preset, ratio=(1,)) == degradation(preset, side=(112,)) == Sharp()


def test_several_are_drawn_from():
    assert degradation("paper", ratio=(1, 4, 8)) == Mixed((Sharp(), Shrink(28), Shrink(14)))
    assert degradation("released", side=(24, 14)) == Mixed((Released(24), Released(14)))


def test_another_size_of_face_has_other_sides():
    assert degradation("paper", ratio=(4,), size=224) == Shrink(56)


@pytest.mark.parametrize("given", [{}, {"ratio": (2,), "side": (56,)}])
def test_neither_or_both_of_ratio_and_side_are_refused(given):
    with pytest.raises(RecipeError, match="either a ratio or a side"):
        degradation("paper", **given)


@pytest.mark.parametrize("ratio", [0, -2, 3, 5, 224])
def test_a_ratio_that_does_not_divide_the_face_is_refused(ratio):
    with pytest.raises(RecipeError, match=f"cannot be shrunk {ratio} times exactly"):
        degradation("paper", ratio=(ratio,))


@pytest.mark.parametrize("side", [-1, 0, 2, 113])
def test_a_side_out_of_range_is_refused(side):
    with pytest.raises(RecipeError, match=f"a side of {side} pixels is not between 3 and 112"):
        degradation("paper", side=(side,))


def test_a_ratio_that_leaves_too_little_is_refused():
    with pytest.raises(RecipeError, match="a side of 2 pixels"):
        degradation("paper", ratio=(56,))
