"""MagFace: margin and second term as a naive loop, and which way each pulls the length."""

import math

import pytest
import torch

from foveate.heads.arcface import ArcFace
from foveate.heads.magface import MagFace

LABEL = torch.arange(6)


@pytest.fixture
def embedding():
    length = torch.tensor([1.0, 10.0, 30.0, 60.0, 110.0, 300.0], dtype=torch.float64)
    direction = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return length[:, None] * torch.nn.functional.normalize(direction)


@pytest.mark.parametrize("easy", [False, True])
@pytest.mark.parametrize("progress", [0.2, 1.0])
def test_the_loss_is_that_of_a_naive_loop(easy, progress, embedding):
    torch.manual_seed(0)
    head = MagFace(4, 6, scale=8.0, weight=35.0, easy_margin=easy, warmup=0.4).double()
    head.weight.data[1] = -embedding[1] + torch.tensor([1.0, 0, 0, 0])  # an angle to which no margin can be added
    total, beyond = 0.0, 0
    for x, y in zip(embedding, LABEL.tolist(), strict=True):
        a = min(max(float(x.norm()), 10), 110)
        m = (0.45 + (a - 10) / 100 * 0.35) * min(progress / 0.4, 1)
        cosines = [float(x @ w / (x.norm() * w.norm())) for w in head.weight.detach()]
        angle = math.acos(cosines[y])
        if easy:
            cosines[y] = math.cos(angle + m) if cosines[y] > 0 else cosines[y]
        else:
            cosines[y] = math.cos(angle + m) if angle + m < math.pi else cosines[y] - m * math.sin(m)
        beyond += angle + m > math.pi
        own = math.exp(8 * cosines[y]) / sum(math.exp(8 * cosine) for cosine in cosines)
        total += (-math.log(own) + 35 * (a / 110**2 + 1 / a)) / 6
    assert beyond
    assert head(embedding, LABEL, progress).loss.item() == pytest.approx(total)


def test_with_one_margin_and_no_second_term_it_is_arcface(embedding):
    head, other = MagFace(4, 6, margins=(0.5, 0.5), weight=0.0).double(), ArcFace(4, 6).double()
    other.weight.data.copy_(head.weight.data)
    got, want = head(embedding, LABEL), other(embedding, LABEL)
    torch.testing.assert_close(got.logits, want.logits)
    torch.testing.assert_close(got.loss, want.loss)


def _pull(head, embedding):
    """How the loss of each face changes as its embedding gets longer."""
    embedding = embedding.clone().requires_grad_()
    head(embedding, LABEL).loss.backward()
    return (embedding.grad * embedding.detach()).sum(1)


def test_the_second_term_wants_long_embeddings_and_the_margin_short_ones(embedding):
    torch.manual_seed(0)
    inside = slice(2, 4)
    term, margin = MagFace(4, 6, margins=(0.5, 0.5)).double(), MagFace(4, 6, weight=0.0).double()
    assert (_pull(term, embedding)[inside] < 0).all()
    assert (_pull(margin, embedding)[inside] > 0).all()


def test_lengths_out_of_range_have_no_gradient(embedding):
    pull = _pull(MagFace(4, 6).double(), embedding)
    assert pull[[0, -1]].tolist() == pytest.approx([0, 0], abs=1e-12)


def test_the_second_term_is_no_part_of_the_logits(embedding):
    torch.manual_seed(0)
    head, heavy = MagFace(4, 6).double(), MagFace(4, 6, weight=100.0).double()
    heavy.load_state_dict(head.state_dict())
    assert torch.equal(heavy(embedding, LABEL).logits, head(embedding, LABEL).logits)
    assert heavy(embedding, LABEL).loss > head(embedding, LABEL).loss


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_gradients_are_finite_at_angle_0_and_pi(dtype, sign):
    head = MagFace(8, 3)
    direction = torch.nn.functional.normalize(head.weight.detach()[:1])
    embedding = (20 * sign * direction).to(dtype).requires_grad_()
    head(embedding, torch.tensor([0])).loss.backward()
    assert embedding.grad.isfinite().all()
    assert head.weight.grad.isfinite().all()
