"""What all degradations do alike: products of matrices, cached, differentiable, whatever mode torch is in."""

import pytest
import torch

from foveate.degrade.mixed import Mixed
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink


@pytest.mark.parametrize("kind", [Shrink, Released])
@pytest.mark.parametrize("side", range(3, 113))
def test_a_constant_face_stays_constant_at_every_side(kind, side):
    rows, columns = kind(side).operators(112)
    for matrix in (rows, columns):
        assert matrix.shape == (1, 112, 112)
        assert matrix.dtype == torch.float64
        torch.testing.assert_close(matrix.sum(2), torch.ones(1, 112, dtype=torch.float64), rtol=0, atol=1e-6)


@pytest.mark.parametrize("degrade", [Shrink(4), Shrink(4, 0.0, antialias=False), Released(4)])
def test_gradients_are_right(degrade):
    images = torch.rand(2, 3, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(degrade, images)


def test_gradients_flow_after_the_matrices_were_first_made_in_inference_mode():
    degrade, images = Shrink(5, 0.77), torch.rand(1, 3, 10, 10)
    with torch.inference_mode():
        degrade(images)
    images.requires_grad_()
    degrade(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_chance_in_inference_mode_does_not_spoil_later_gradients():
    degrade, images = Shrink(5, (0.0, 1.77)), torch.rand(1, 3, 11, 11)
    chance = torch.tensor([0.5], dtype=torch.float64)
    with torch.inference_mode():
        degrade(images, chance)
    images.requires_grad_()
    degrade(images, chance).sum().backward()
    degrade(images).sum().backward()
    assert images.grad.abs().sum() > 0


def test_autocast_does_not_blunt_the_products():
    images = torch.rand(1, 3, 16, 16)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        got = Shrink(8)(images)
    assert torch.equal(got, Shrink(8)(images))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("drawn", [False, True])
def test_the_dtype_of_the_faces_is_kept(dtype, drawn):
    chance = torch.rand(2, dtype=torch.float64) if drawn else None
    for degrade in (Shrink(8, (0.1, 2.0)), Released(8)):
        answer = degrade(torch.rand(2, 3, 16, 16).to(dtype), chance)
        assert answer.dtype == dtype
        assert answer.shape == (2, 3, 16, 16)


def test_what_is_drawn_stays_on_the_device_of_the_faces():
    """The meta device stands for any other than the CPU: a product across both, or a look at a number, fails."""
    for degrade in (Shrink(8), Shrink(8, (0.1, 2.0)), Released(8), Mixed((Shrink(8), Sharp()))):
        rows, columns = degrade.operators(16, torch.rand(2, dtype=torch.float64, device="meta"))
        assert rows.device.type == columns.device.type == "meta"
