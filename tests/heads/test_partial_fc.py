"""PartialFC on one rank: ArcFace's loss and update, sampling, and centres that are written and read in shards."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn

from foveate import distributed
from foveate.backbones.iresnet import IResNet
from foveate.bench.trial import Trial, experiment
from foveate.blueprint import build
from foveate.distill.kd import LogitKD
from foveate.errors import CheckpointError, RecipeError
from foveate.heads.arcface import ArcFace
from foveate.heads.partial_fc import PartialFC
from foveate.objective import Objective, Weighted
from foveate.scale import SMALL

CLASSES, SIZE = 50, 8


@pytest.fixture(autouse=True)
def seeded():
    """The first centres are drawn from the seed."""
    torch.manual_seed(0)


@pytest.fixture
def faces():
    generator = torch.Generator().manual_seed(0)
    return torch.randn(6, SIZE, generator=generator, requires_grad=True), torch.tensor([3, 3, 49, 0, 17, 20])


def _arcface(head):
    """ArcFace with the same centres."""
    made = build(head.as_arcface())
    with torch.no_grad():
        made.weight.copy_(head.weight)
    return made


def test_with_all_classes_it_is_arcface_and_its_update_is_that_of_sgd(faces):
    embedding, label = faces[0].detach().double().requires_grad_(), faces[1]
    head = PartialFC(SIZE, CLASSES, warmup=0.5).double()
    plain = _arcface(head).double()
    optimiser = torch.optim.SGD(plain.parameters(), lr=0.3, momentum=0.9, nesterov=True, weight_decay=0.01)
    for progress in (0.2, 0.6, 1.0):
        ours, want = head(embedding, label, progress), plain(embedding, label, progress)
        assert torch.allclose(ours.loss, want.loss, rtol=1e-9)
        assert torch.allclose(ours.logits, want.logits, atol=1e-9)
        (gradient,) = torch.autograd.grad(want.loss, embedding, retain_graph=True)
        embedding.grad = None
        ours.loss.backward()
        assert torch.allclose(embedding.grad, gradient, atol=1e-9)
        optimiser.zero_grad()
        want.loss.backward()
        head.update(rate=0.3, momentum=0.9, decay=0.01)
        optimiser.step()
        assert torch.allclose(head.weight, plain.weight, atol=1e-9)


def test_a_sample_holds_the_classes_of_the_batch_and_its_loss_is_the_softmax_over_it(faces):
    embedding, label = faces
    head = PartialFC(SIZE, CLASSES, sample=0.2)
    torch.manual_seed(1)
    scored = head(embedding, label)
    chosen = head._active.numbers.tolist()
    assert len(chosen) == 10
    assert chosen == sorted(set(chosen))
    assert set(label.tolist()) <= set(chosen)
    small = _arcface(PartialFC(SIZE, CLASSES))
    small.weight = nn.Parameter(head.weight[chosen])
    want = small(embedding, torch.tensor([chosen.index(number) for number in label.tolist()]))
    assert torch.allclose(scored.loss, want.loss, rtol=1e-5)


def test_more_classes_in_the_batch_than_the_sample_holds_all_take_part(faces):
    embedding, label = faces
    head = PartialFC(SIZE, CLASSES, sample=0.02)
    head(embedding, label)
    assert head._active.numbers.tolist() == [0, 3, 17, 20, 49]


def test_a_rank_without_a_class_of_the_batch_takes_one_centre_at_least(faces):
    embedding, _ = faces
    head = PartialFC(SIZE, CLASSES, sample=0.001)
    elsewhere = head._choose(torch.full((len(embedding),), -1), torch.zeros(len(embedding), dtype=torch.bool))
    assert len(elsewhere[0]) == 1


def test_centres_that_took_no_part_stay_where_they_are(faces):
    embedding, label = faces
    head = PartialFC(SIZE, CLASSES, sample=0.2)
    before = head.weight.clone()
    torch.manual_seed(1)
    head(embedding, label).loss.backward()
    chosen = head._active.numbers
    head.update(rate=0.1, momentum=0.9, decay=0.01)
    moved = (head.weight != before).any(1)
    assert moved[chosen].all()
    assert moved.sum() == len(chosen) == (head.velocity != 0).any(1).sum()
    head.update(rate=0.1, momentum=0.9, decay=0.01)  # without a new step, nothing
    assert torch.equal((head.weight != before).any(1), moved)


def test_other_seeds_draw_other_classes_and_the_same_seed_the_same(faces):
    drawn = []
    for seed in (1, 1, 2):
        head = PartialFC(SIZE, CLASSES, sample=0.3)
        torch.manual_seed(seed)
        head(*faces)
        drawn.append(head._active.numbers.tolist())
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_face_exactly_on_its_centre_has_a_finite_gradient():
    head = PartialFC(SIZE, CLASSES)
    embedding = torch.stack([head.weight[0], -head.weight[0]]).requires_grad_()
    head(embedding, torch.tensor([0, 0])).loss.backward()
    assert embedding.grad.isfinite().all()
    assert head._active.centres.grad.isfinite().all()


def test_a_loss_far_out_is_exact():
    """A softmax that clamps its probability would report no more than some 70."""
    head = PartialFC(2, 3, scale=200.0, margin=0.0)
    head.weight = torch.tensor([[1.0, 0.0], [-1.0, 1e-3], [-1.0, -1e-3]])
    loss = head(torch.tensor([[-1.0, 0.0]]), torch.tensor([0])).loss
    assert loss.item() == pytest.approx(400 + math.log(2), rel=1e-4)


@pytest.mark.parametrize("readers", [1, 2, 3])
def test_shards_of_some_ranks_are_read_by_others(readers, tmp_path, monkeypatch):
    def at(rank, size):
        monkeypatch.setattr(distributed, "rank", lambda: rank)
        monkeypatch.setattr(distributed, "size", lambda: size)
        torch.manual_seed(0)
        return PartialFC(SIZE, CLASSES)

    whole = at(0, 1)
    for rank in range(2):
        head = at(rank, 2)
        head.velocity.normal_()
        head.save(tmp_path)
        whole.velocity[head._mine.start : head._mine.stop] = head.velocity
        assert torch.equal(whole.weight[head._mine.start : head._mine.stop], head.weight)
    for rank in range(readers):
        head = at(rank, readers)
        head.weight.zero_()
        head.load(tmp_path)
        place = slice(head._mine.start, head._mine.stop)
        assert torch.equal(head.weight, whole.weight[place])
        assert torch.equal(head.velocity, whole.velocity[place])
    (tmp_path / "centres-00001.safetensors").unlink()
    with pytest.raises(CheckpointError, match="25 class centres are not in the files"):
        at(0, 1).load(tmp_path)


def test_classes_begin_alike_on_any_number_of_ranks(monkeypatch):
    torch.manual_seed(3)
    whole = PartialFC(2, 10_000).weight
    assert whole.std() == pytest.approx(0.01, rel=0.02)
    monkeypatch.setattr(distributed, "size", lambda: 3)
    for rank in range(3):
        monkeypatch.setattr(distributed, "rank", lambda rank=rank: rank)
        torch.manual_seed(3)
        head = PartialFC(2, 10_000)
        assert torch.equal(head.weight, whole[head._mine.start : head._mine.stop])


def test_it_is_exported_as_arcface():
    head = PartialFC(SIZE, CLASSES, scale=30.0, margin=0.4, warmup=0.1)
    plain = build(head.as_arcface())
    assert isinstance(plain, ArcFace)
    assert plain.weight.shape == head.whole().shape == (CLASSES, SIZE)
    assert (plain.scale, plain.margin) == (head.scale, head.margin)


def test_logit_distillation_with_it_is_refused():
    network = IResNet(18, width=4, embedding=SIZE, size=32)
    with pytest.raises(RecipeError, match="never has them in one place"):
        Objective(network, PartialFC(SIZE, 5), distillers={"kd": Weighted(LogitKD(), 1.0)})


@pytest.mark.parametrize("sample", [0.0, -1.0, 1.5])
def test_a_sample_out_of_range_is_refused(sample):
    with pytest.raises(RecipeError, match="share above 0"):
        PartialFC(SIZE, CLASSES, sample=sample)


@pytest.mark.parametrize("change", [{"parts": 2}, {"clip": 1.0}])
def test_a_batch_in_parts_and_a_clipped_gradient_are_refused(change, tmp_path):
    scale = replace(SMALL, width=4, batch=8, sample=0.5)
    made = experiment("base", Trial(scale, classes=4, drawn=4), tmp_path)
    assert isinstance(made.objective.head, PartialFC)
    with pytest.raises(RecipeError, match="PartialFC moves its centres itself"):
        replace(made, **change)


def test_it_may_begin_with_the_centres_of_another_head():
    head, centres = PartialFC(SIZE, CLASSES), torch.randn(CLASSES, SIZE)
    head.begin_as(centres)
    assert torch.equal(head.whole(), centres)
