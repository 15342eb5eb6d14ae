"""No degradation."""

import torch

from foveate.degrade.sharp import Sharp


def test_faces_stay_the_very_same_tensor():
    images = torch.rand(2, 3, 8, 8)
    assert Sharp()(images) is images
    assert Sharp()(images, torch.rand(2, dtype=torch.float64)) is images


def test_the_operators_are_identities():
    for chance in (None, torch.rand(4, dtype=torch.float64)):
        rows, columns = Sharp().operators(8, chance)
        assert torch.equal(rows[0], torch.eye(8, dtype=torch.float64))
        assert torch.equal(columns[0], torch.eye(8, dtype=torch.float64))


def test_the_title_says_sharp():
    assert Sharp().title == "sharp"
