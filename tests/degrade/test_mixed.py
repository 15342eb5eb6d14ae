"""Mixed: each face gets one of the choices, as if it were degraded alone."""

import pytest
import torch

from foveate.chance import uniform
from foveate.degrade.mixed import Mixed
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink

CHOICES = (Sharp(), Shrink(8), Released(8))


def test_each_face_equals_its_own_choice_and_choices_are_drawn_equally_often():
    images = torch.rand(600, 3, 16, 16, generator=torch.Generator().manual_seed(0))
    got = Mixed(CHOICES)(images, uniform("degrade", 0, 0, torch.arange(600)))
    counts = torch.zeros(600, dtype=torch.long)
    for choice in CHOICES:
        equal = (got - choice(images)).flatten(1).abs().amax(1) < 1e-6
        # 600 draws of probability 1/3: 200 +- 11.5.
        assert 150 < equal.sum() < 250
        counts += equal
    assert (counts == 1).all()


def test_what_is_left_of_the_draw_is_even_again_for_the_choice_itself():
    choice = Shrink(8, (0.0, 2.0))
    chance = torch.tensor([0.1, 0.4, 0.5, 0.95], dtype=torch.float64)
    images = torch.rand(4, 3, 16, 16)
    got = Mixed((Sharp(), choice))(images, chance)
    torch.testing.assert_close(got[:2], images[:2])
    torch.testing.assert_close(got[2:], choice(images[2:], torch.tensor([0.0, 0.9], dtype=torch.float64)))


@pytest.mark.parametrize("chance", [0.0, 1 - 2**-53])
def test_the_ends_of_chance_are_choices_too(chance):
    images = torch.rand(1, 3, 16, 16)
    got = Mixed(CHOICES)(images, torch.tensor([chance], dtype=torch.float64))
    torch.testing.assert_close(got, CHOICES[0 if chance == 0 else -1](images))


def test_without_chance_the_first_choice_is_taken():
    images = torch.rand(2, 3, 16, 16)
    assert torch.equal(Mixed((Shrink(8), Sharp()))(images), Shrink(8)(images))


def test_mixtures_may_hold_mixtures():
    images = torch.rand(4, 3, 16, 16)
    chance = torch.tensor([0.1, 0.3, 0.6, 0.9], dtype=torch.float64)
    inner = Mixed((Shrink(8), Released(8)))
    got = Mixed((inner, Sharp()))(images, chance)
    torch.testing.assert_close(got[:1], Shrink(8)(images[:1]))
    torch.testing.assert_close(got[1:2], Released(8)(images[1:2]))
    torch.testing.assert_close(got[2:], images[2:])


def test_the_title_names_all_choices():
    assert Mixed(CHOICES).title == "mixed of sharp, paper 8px, released 8px"
