"""The objective: losses by name, and what its distillers want to see."""

import copy

import pytest
import torch

from foveate.backbones.iresnet import IResNet
from foveate.distill.askd import AttentionSimilarity
from foveate.distill.fitnet import FitNet
from foveate.distill.kd import LogitKD
from foveate.errors import RecipeError
from foveate.heads.arcface import ArcFace
from foveate.heads.cosface import CosFace
from foveate.objective import Objective, Weighted, weighted_mean
from foveate.teacher import LiveTeacher
from foveate.views import Views, split

CLASSES = 5


def network(seed, **more):
    torch.manual_seed(seed)
    return IResNet(18, width=4, embedding=8, size=32, **{"dropout": 0.4, **more})


def head(seed, classes=CLASSES, **more):
    torch.manual_seed(seed)
    return ArcFace(8, classes, **more)


def both(askd=5.0, kd=1.0):
    return {"askd": Weighted(AttentionSimilarity(), askd), "kd": Weighted(LogitKD(), kd)}


def objective(**more):
    return Objective(network(0, dropout=0.0), head(1), distillers=both(**more))


@pytest.fixture
def trace(views):
    return LiveTeacher(network(2), head=head(3), globs=["*.gate"])(views)


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(0)
    high = torch.randn(6, 3, 32, 32, generator=generator)
    return Views(high, high + 0.3 * torch.randn(6, 3, 32, 32, generator=generator), torch.arange(6) % CLASSES)


def test_the_total_is_the_heads_loss_plus_the_weighted_distillers(views, trace):
    losses = objective(askd=5.0, kd=0.5)(views, teacher=trace)
    assert list(losses.terms) == ["arcface", "askd", "kd"]
    want = losses.terms["arcface"] + 5.0 * losses.terms["askd"] + 0.5 * losses.terms["kd"]
    assert losses.total.item() == pytest.approx(want.item())
    assert all(value > 0 and not value.requires_grad for value in losses.terms.values())


@pytest.mark.parametrize(("progress", "weight"), [(0.0, 5.0), (0.25, 4.0), (1.0, 1.0)])
def test_a_weight_may_go_to_another_over_training(views, trace, progress, weight):
    made = Objective(network(0, dropout=0.0), head(1), distillers={"askd": Weighted(AttentionSimilarity(), 5.0, 1.0)})
    losses = made(views, progress, trace)
    want = losses.terms["arcface"] + weight * losses.terms["askd"]
    assert losses.total.item() == pytest.approx(want.item())


def test_without_distillers_the_head_alone_is_the_loss(views):
    losses = Objective(network(0), head(1))(views)
    assert list(losses.terms) == ["arcface"]
    assert losses.total.item() == losses.terms["arcface"].item()


def test_the_terms_are_what_each_part_says_by_itself(views, trace):
    whole = objective()
    student = copy.deepcopy(whole.network)
    losses = whole(views, teacher=trace)
    ours = whole.head(student(views.low), views.target)
    theirs = head(3)(network(2).eval()(views.high), views.target)
    assert losses.terms["arcface"].item() == pytest.approx(ours.loss.item(), rel=1e-5)
    kl = sum(
        (q * (q / p).log()).sum()
        for p, q in zip((ours.logits / 4).softmax(1), (theirs.logits / 4).softmax(1), strict=True)
    )
    assert losses.terms["kd"].item() == pytest.approx(16 * kl.item() / 6, rel=1e-4)


def test_gradients_reach_all_of_the_student(views, trace):
    whole = objective()
    whole(views, teacher=trace).total.backward()
    for name, parameter in whole.named_parameters():
        assert parameter.grad.abs().sum() > 0, name


def test_progress_reaches_the_head(views, trace):
    whole = Objective(network(0, dropout=0.0), head(1, warmup=1.0), distillers=both())
    assert whole(views, 0.0, trace).terms["arcface"] < whole(views, 1.0, trace).terms["arcface"]


def test_the_head_names_its_loss():
    whole = Objective(network(0), CosFace(8, CLASSES))
    views = Views(torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 32), torch.tensor([0, 1]))
    assert list(whole(views).terms) == ["cosface"]


def test_distillers_without_a_trace_are_refused(views):
    with pytest.raises(RecipeError, match="askd, kd cannot be computed without a teacher"):
        objective()(views)


def test_it_says_what_its_distillers_want_to_see():
    whole = objective()
    assert (whole.globs, whole.reads, whole.wants_logits) == (("*.gate",), ("output",), True)
    released = {"askd": Weighted(AttentionSimilarity.released(), 5.0)}
    whole = Objective(network(0), head(1), distillers=released)
    assert (whole.globs, whole.reads, whole.wants_logits) == (("*.gate",), ("input",), False)
    whole = Objective(network(0), head(1))
    assert (whole.globs, whole.reads, whole.wants_logits) == ((), (), False)


def test_a_network_without_attention_is_refused_by_name():
    with pytest.raises(RecipeError, match=r"no module of IResNet matches the glob '\*\.gate'"):
        Objective(network(0, attention=None), head(1), distillers={"askd": Weighted(AttentionSimilarity(), 5.0)})


def test_the_gradient_of_a_batch_in_parts_is_that_of_the_whole(views, trace):
    """Where BatchNorm takes its running statistics and nothing is dropped."""
    one, other = objective().eval(), objective().eval()
    one(views, teacher=trace).total.backward()
    found = []
    for part, looks in zip(split(views, 4), trace.split(4), strict=True):
        losses = other(part, teacher=looks)
        found.append((len(part.target) / 6, losses))
        (losses.total * len(part.target) / 6).backward()
    for want, got in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.allclose(got.grad, want.grad, rtol=1e-3, atol=1e-4 * want.grad.abs().max())
    whole, mean = one(views, teacher=trace), weighted_mean(found)
    assert mean.total.item() == pytest.approx(whole.total.item(), rel=1e-5)
    assert {name: value.item() for name, value in mean.terms.items()} == pytest.approx(
        {name: value.item() for name, value in whole.terms.items()}, rel=1e-5
    )


def fitnet(seed, name="hint"):
    student, end = network(0), head(1)
    torch.manual_seed(seed)
    return Objective(student, end, distillers={name: Weighted(FitNet(), 1.0)})


def test_what_a_method_learns_is_made_at_once_and_changes_nobody_elses_draws():
    torch.manual_seed(7)
    want = torch.rand(3)
    adapters = [dict(fitnet(7).distillers.named_parameters())]
    assert torch.equal(torch.rand(3), want)
    adapters += [dict(made.distillers.named_parameters()) for made in (fitnet(7), fitnet(8), fitnet(7, "other"))]
    one, again, another, named = (next(iter(found.values())) for found in adapters)
    assert torch.equal(one, again)
    assert not torch.equal(one, another)
    assert not torch.equal(one, named)


def test_learning_the_shapes_leaves_the_network_as_it_was():
    student, want = network(0), network(0).state_dict()
    made = Objective(student, head(1), distillers={"hint": Weighted(FitNet(), 1.0)})
    assert made.network is student
    assert student.training
    assert all(torch.equal(value, want[name]) for name, value in student.state_dict().items())
    channels = [adapter[0].weight.shape[:2] for adapter in made.distillers["hint"].adapters]
    assert channels == [(4, 4), (8, 8), (16, 16), (32, 32)]


def test_a_method_that_must_know_shapes_refuses_a_network_that_does_not_tell_its_size():
    stages = torch.nn.ModuleDict({f"stage{i}": torch.nn.Identity() for i in range(1, 5)})
    with pytest.raises(RecipeError, match="hint must know shapes, and ModuleDict does not say"):
        Objective(stages, head(1), distillers={"hint": Weighted(FitNet(), 1.0)})
