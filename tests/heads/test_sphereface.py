"""SphereFace: equation 7 as a naive loop, the curve of lambda, and a target that falls steadily."""

import math

import pytest
import torch

from foveate.errors import RecipeError
from foveate.heads.sphereface import SphereFace, psi


def naive_psi(angle, m):
    k = min(math.floor(m * angle / math.pi), m - 1)
    return (-1) ** k * math.cos(m * angle) - 2 * k


@pytest.mark.parametrize("m", [1, 2, 3, 4])
@pytest.mark.parametrize("progress", [0.0, 0.01, 1.0])
def test_the_loss_is_the_blended_equation_7(m, progress):
    torch.manual_seed(0)
    head = SphereFace(4, 6, margin=m).double()
    embedding, label = 3 * torch.randn(12, 4, dtype=torch.float64), torch.arange(12) % 6
    weight = max(5, 1000 / (1 + 0.12 * 28_000 * progress))
    total = 0.0
    for x, y in zip(embedding, label.tolist(), strict=True):
        angles = [math.acos(float(x @ w / (x.norm() * w.norm()))) for w in head.weight.detach()]
        logits = [float(x.norm()) * math.cos(angle) for angle in angles]
        logits[y] = float(x.norm()) * (weight * math.cos(angles[y]) + naive_psi(angles[y], m)) / (1 + weight)
        total -= math.log(math.exp(logits[y]) / sum(math.exp(value) for value in logits)) / 12
    assert head(embedding, label, progress).loss.item() == pytest.approx(total)


@pytest.mark.parametrize("m", [1, 2, 3, 4, 5])
def test_psi_falls_from_1_to_1_minus_2m_without_a_break(m):
    angle = torch.linspace(0, math.pi, 2001, dtype=torch.float64)
    values = psi(angle.cos(), m)
    assert values[0].item() == pytest.approx(1)
    assert values[-1].item() == pytest.approx(1 - 2 * m)
    assert (values.diff() < 1e-9).all()
    assert values.diff().abs().max() < m * math.pi / 2000 + 1e-9


def test_four_times_the_angle_is_the_authors_polynomial():
    cosine = torch.linspace(0.8, 1, 9, dtype=torch.float64)  # angles below pi / 4
    torch.testing.assert_close(psi(cosine, 4), 8 * cosine**4 - 8 * cosine**2 + 1)


def test_lambda_is_that_of_the_authors_over_their_28000_steps():
    head = SphereFace(4, 6)
    for step in (0, 1, 10, 100, 1000, 1658, 1659, 28_000):
        want = max(5.0, 1000 / (1 + 0.12 * step))
        assert head.weight_of_cosine(step / 28_000) == pytest.approx(want)
    assert head.weight_of_cosine(0.06) == 5


def test_long_embeddings_have_larger_logits():
    torch.manual_seed(0)
    head, embedding, label = SphereFace(4, 6), torch.randn(3, 4), torch.tensor([0, 1, 2])
    torch.testing.assert_close(head(3 * embedding, label).logits, 3 * head(embedding, label).logits)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_gradients_are_finite_at_angle_0_and_pi(dtype, sign):
    head = SphereFace(8, 3)
    embedding = (sign * head.weight.detach()[:1]).to(dtype).requires_grad_()
    head(embedding, torch.tensor([0])).loss.backward()
    assert embedding.grad.isfinite().all()
    assert head.weight.grad.isfinite().all()


def test_a_margin_below_1_is_refused():
    with pytest.raises(RecipeError, match="SphereFace's margin is 0"):
        SphereFace(4, 6, margin=0)
