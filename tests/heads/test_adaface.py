"""AdaFace: the golden numbers, the loss as a naive loop, and whose lengths are counted when."""

import math
import statistics

import numpy as np
import pytest
import torch

from foveate import distributed
from foveate.heads.adaface import AdaFace

LABEL = torch.arange(5)


@pytest.fixture
def embedding():
    scale = torch.tensor([0.0, 0.5, 4.0, 20.0, 80.0], dtype=torch.float64)
    return scale[:, None] * torch.randn(5, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_logits_loss_gradients_and_statistics_match_the_golden_numbers(golden):
    with np.load(golden / "adaface.npz") as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    scale, margin, h, momentum = (arrays[name].item() for name in ("scale", "margin", "h", "t_alpha"))
    head = AdaFace(16, 11, scale=scale, margin=margin, concentration=h, momentum=momentum).double()
    head.weight.data.copy_(arrays["weight"].T)
    embedding = arrays["embedding"].requires_grad_()
    scored = head(embedding, arrays["label"])
    scored.loss.backward()
    for got, want in [
        (scored.logits, arrays["logits"]),
        (scored.loss, arrays["loss"]),
        (embedding.grad, arrays["grad_embedding"]),
        (head.weight.grad.T, arrays["grad_weight"]),
        (head.mean, arrays["mean_after"].squeeze()),
        (head.std, arrays["std_after"].squeeze()),
    ]:
        assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_loss_is_that_of_a_naive_loop_over_two_steps(embedding):
    torch.manual_seed(0)
    head = AdaFace(4, 6, scale=8.0, margin=0.3, concentration=0.4, momentum=0.25).double()
    mean, std = 20.0, 100.0
    for batch in (embedding, 2 * embedding):
        lengths = [min(max(float(x.norm()), 1e-3), 100) for x in batch]
        mean = 0.25 * statistics.mean(lengths) + 0.75 * mean
        std = 0.25 * statistics.stdev(lengths) + 0.75 * std
        total = 0.0
        for x, length, y in zip(batch, lengths, LABEL.tolist(), strict=True):
            cosines = [float(x @ w / (max(float(x.norm()), 1e-12) * w.norm())) for w in head.weight.detach()]
            cosines = [min(max(cosine, 1e-3 - 1), 1 - 1e-3) for cosine in cosines]
            z = min(max(0.4 * (length - mean) / (std + 1e-3), -1), 1)
            angle = min(max(math.acos(cosines[y]) - 0.3 * z, 1e-3), math.pi - 1e-3)
            cosines[y] = math.cos(angle) - (0.3 + 0.3 * z)
            total -= math.log(math.exp(8 * cosines[y]) / sum(math.exp(8 * cosine) for cosine in cosines)) / 5
        assert head(batch, LABEL).loss.item() == pytest.approx(total)


def test_the_length_has_no_gradient(embedding):
    embedding = embedding[1:].requires_grad_()
    AdaFace(4, 6, momentum=1.0).double()(embedding, LABEL[1:]).loss.backward()
    assert embedding.grad.abs().sum() > 0
    assert ((embedding.grad * embedding).sum(1).abs() < 1e-12).all()


def test_evaluation_moves_no_statistics_and_a_checkpoint_keeps_them(embedding):
    head = AdaFace(4, 6).double()
    head(embedding, LABEL)
    kept = {name: value.clone() for name, value in head.state_dict().items()}
    assert kept["mean"] != 20
    assert kept["std"] != 100
    head.eval()(embedding, LABEL)
    assert all(torch.equal(value, kept[name]) for name, value in head.state_dict().items())
    again = AdaFace(4, 6).double()
    again.load_state_dict(kept)
    assert torch.equal(again.eval()(embedding, LABEL).logits, head(embedding, LABEL).logits)


def test_one_face_alone_moves_the_mean_only_and_gives_no_nan(embedding):
    head = AdaFace(4, 6, momentum=1.0).double()
    assert head(embedding[3:4], LABEL[3:4]).loss.isfinite()
    assert head.mean == embedding[3].norm()
    assert head.std == 100


def test_the_lengths_of_all_ranks_are_counted(embedding, monkeypatch):
    whole, mine = AdaFace(4, 6, momentum=0.5).double(), AdaFace(4, 6, momentum=0.5).double()
    mine.load_state_dict(whole.state_dict())
    want = whole(embedding, LABEL).logits[:2]
    others = torch.linalg.vector_norm(embedding[2:], dim=1).clamp(1e-3, 100)
    monkeypatch.setattr(distributed, "gathered", lambda rows: torch.cat([rows, others]))
    torch.testing.assert_close(mine(embedding[:2], LABEL[:2]).logits, want)
    torch.testing.assert_close((mine.mean, mine.std), (whole.mean, whole.std))


def test_a_short_embedding_has_the_margin_of_arcface_and_one_of_mean_length_that_of_cosface():
    head = AdaFace(2, 1, scale=1.0, concentration=1.0).double().eval()
    head.weight.data.copy_(torch.tensor([[1.0, 0.0]]))
    head.std.fill_(1e-2)
    angle = torch.tensor([1.0, 1.0, 1.0], dtype=torch.float64)
    length = torch.tensor([[1.0], [20.0], [90.0]], dtype=torch.float64)
    embedding = length * torch.stack([angle.cos(), angle.sin()], dim=1)
    logits = head(embedding, torch.zeros(3, dtype=torch.long)).logits[:, 0]
    want = [math.cos(1.4), math.cos(1) - 0.4, math.cos(0.6) - 0.8]
    assert logits.tolist() == pytest.approx(want)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_gradients_are_finite_at_angle_0_and_pi(dtype, sign):
    head = AdaFace(8, 3)
    embedding = (sign * head.weight.detach()[:1]).to(dtype).requires_grad_()
    head(embedding, torch.tensor([0])).loss.backward()
    assert embedding.grad.isfinite().all()
    assert head.weight.grad.isfinite().all()


def test_the_margin_grows_over_its_warmup_and_then_stays(embedding):
    torch.manual_seed(0)
    head = AdaFace(4, 6, warmup=0.5).double().eval()
    losses = [head(embedding, LABEL, progress).loss.item() for progress in (0.0, 0.25, 0.5, 1.0)]
    assert losses[0] < losses[1] < losses[2] == losses[3]
