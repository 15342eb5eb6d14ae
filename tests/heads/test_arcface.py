"""ArcFace: the golden numbers, equation 2 as a naive loop, and gradients that stay finite."""

import math

import numpy as np
import pytest
import torch

from foveate.heads.arcface import ArcFace


def test_logits_loss_and_gradients_match_the_golden_numbers(golden):
    with np.load(golden / "arcface.npz") as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    head = ArcFace(16, 11, scale=arrays["scale"].item(), margin=arrays["margin"].item()).double()
    head.weight.data.copy_(arrays["weight"])
    embedding = arrays["embedding"].requires_grad_()
    scored = head(embedding, arrays["label"])
    scored.loss.backward()
    for got, want in [
        (scored.logits, arrays["logits"]),
        (scored.loss, arrays["loss"]),
        (embedding.grad, arrays["grad_embedding"]),
        (head.weight.grad, arrays["grad_weight"]),
    ]:
        assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_loss_is_equation_2():
    torch.manual_seed(0)
    head = ArcFace(4, 6, scale=8.0, margin=0.3).double()
    embedding, label = torch.randn(5, 4, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 4])
    total = 0.0
    for x, y in zip(embedding, label.tolist(), strict=True):
        angles = [math.acos(float(x @ w / (x.norm() * w.norm()))) for w in head.weight.detach()]
        assert angles[y] < math.pi - 0.3
        own = math.exp(8 * math.cos(angles[y] + 0.3))
        others = sum(math.exp(8 * math.cos(angle)) for j, angle in enumerate(angles) if j != y)
        total -= math.log(own / (own + others)) / 5
    assert head(embedding, label).loss.item() == pytest.approx(total)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_gradients_are_finite_at_angle_0_and_pi(dtype, sign):
    head = ArcFace(8, 3)
    embedding = (sign * head.weight.detach()[:1]).to(dtype).requires_grad_()
    head(embedding, torch.tensor([0])).loss.backward()
    assert embedding.grad.isfinite().all()
    assert head.weight.grad.isfinite().all()


def test_the_target_falls_steadily_with_the_angle_even_beyond_pi_minus_m():
    head = ArcFace(2, 1, scale=1.0).double()
    head.weight.data.copy_(torch.tensor([[1.0, 0.0]]))
    angle = torch.linspace(0.01, math.pi - 0.01, 200, dtype=torch.float64)
    embedding = torch.stack([angle.cos(), angle.sin()], dim=1)
    logits = head.logits(embedding, torch.zeros(200, dtype=torch.long), 1.0)[:, 0]
    assert (logits.diff() < 0).all()


def test_an_easy_margin_leaves_wide_angles_alone():
    head = ArcFace(2, 1, scale=1.0, easy_margin=True)
    head.weight.data.copy_(torch.tensor([[1.0, 0.0]]))
    embedding = torch.tensor([[-0.5, 0.75**0.5], [0.5, 0.75**0.5]])
    logits = head.logits(embedding, torch.zeros(2, dtype=torch.long), 1.0)[:, 0]
    assert logits[0].item() == pytest.approx(-0.5)
    assert logits[1].item() == pytest.approx(math.cos(math.pi / 3 + 0.5), abs=1e-6)


def test_the_margin_grows_over_its_warmup_and_then_stays():
    torch.manual_seed(0)
    head = ArcFace(4, 5, warmup=0.5)
    embedding, label = torch.randn(6, 4), torch.arange(6) % 5
    losses = [head(embedding, label, progress).loss.item() for progress in (0.0, 0.25, 0.5, 1.0)]
    assert losses[0] < losses[1] < losses[2] == losses[3]
