"""The objective: losses by name, a teacher that stays as it was, and errors while it is built."""

import copy

import pytest
import torch

from foveate.backbones.iresnet import IResNet
from foveate.distill.askd import AttentionSimilarity
from foveate.distill.kd import LogitKD
from foveate.errors import RecipeError
from foveate.heads.arcface import ArcFace
from foveate.heads.cosface import CosFace
from foveate.objective import Objective, Weighted
from foveate.views import Views

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
    return Objective(
        network(0, dropout=0.0), head(1), distillers=both(**more), teacher=network(2), teacher_head=head(3)
    )


@pytest.fixture
def views():
    generator = torch.Generator().manual_seed(0)
    high = torch.randn(6, 3, 32, 32, generator=generator)
    return Views(high, high + 0.3 * torch.randn(6, 3, 32, 32, generator=generator), torch.arange(6) % CLASSES)


def test_the_total_is_the_heads_loss_plus_the_weighted_distillers(views):
    losses = objective(askd=5.0, kd=0.5)(views)
    assert list(losses.terms) == ["arcface", "askd", "kd"]
    want = losses.terms["arcface"] + 5.0 * losses.terms["askd"] + 0.5 * losses.terms["kd"]
    assert losses.total.item() == pytest.approx(want.item())
    assert all(value > 0 and not value.requires_grad for value in losses.terms.values())


def test_without_distillers_the_head_alone_is_the_loss(views):
    losses = Objective(network(0), head(1))(views)
    assert list(losses.terms) == ["arcface"]
    assert losses.total.item() == losses.terms["arcface"].item()


def test_the_terms_are_what_each_part_says_by_itself(views):
    whole = objective()
    student, teacher = copy.deepcopy(whole.network), copy.deepcopy(whole.teacher)
    losses = whole(views)
    ours, theirs = whole.head(student(views.low), views.target), whole.teacher_head(teacher(views.high), views.target)
    assert losses.terms["arcface"].item() == pytest.approx(ours.loss.item(), rel=1e-5)
    kl = sum(
        (q * (q / p).log()).sum()
        for p, q in zip((ours.logits / 4).softmax(1), (theirs.logits / 4).softmax(1), strict=True)
    )
    assert losses.terms["kd"].item() == pytest.approx(16 * kl.item() / 6, rel=1e-4)


def test_the_teacher_stays_frozen_and_in_evaluation_mode(views):
    whole = objective()
    before = copy.deepcopy({**whole.teacher.state_dict(), **whole.teacher_head.state_dict()})
    for mode in (True, False, True):
        whole.train(mode)
        assert whole.network.training is whole.head.training is mode
        assert not any(module.training for part in (whole.teacher, whole.teacher_head) for module in part.modules())
    whole(views).total.backward()
    after = {**whole.teacher.state_dict(), **whole.teacher_head.state_dict()}
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_gradients_reach_all_of_the_student_and_nothing_of_the_teacher(views):
    whole = objective()
    whole(views).total.backward()
    for name, parameter in whole.named_parameters():
        if name.startswith("teacher"):
            assert not parameter.requires_grad
            assert parameter.grad is None
        else:
            assert parameter.grad.abs().sum() > 0, name


def test_a_teacher_trace_has_no_gradients_and_does_not_change_from_call_to_call(views):
    whole = objective()
    views.high.requires_grad_()
    one, two = whole.trace_teacher(views), whole.trace_teacher(views)
    for trace in (one, two):
        assert not trace.embedding.requires_grad
        assert not trace.logits.requires_grad
        assert not any(item.output.requires_grad for item in trace.caught["*.gate"])
    assert torch.equal(one.embedding, two.embedding)
    assert torch.equal(one.caught["*.gate"][-1].output, two.caught["*.gate"][-1].output)


def test_a_ready_teacher_trace_gives_the_same_losses(views):
    whole = objective()
    ready = whole.trace_teacher(views)
    whole.teacher.forward = None
    losses = whole(views, teacher=ready)
    again = objective()(views)
    assert losses.total.item() == again.total.item()
    assert losses.terms == again.terms


def test_progress_reaches_both_heads(views):
    whole = Objective(
        network(0, dropout=0.0),
        head(1, warmup=1.0),
        distillers=both(),
        teacher=network(2),
        teacher_head=head(3, warmup=1.0),
    )
    early, late = whole.trace_teacher(views, 0.0), whole.trace_teacher(views, 1.0)
    rows = torch.arange(len(views.target))
    assert (early.logits[rows, views.target] > late.logits[rows, views.target]).all()
    assert whole(views, 0.0).terms["arcface"] < whole(views, 1.0).terms["arcface"]


def test_the_head_names_its_loss():
    whole = Objective(network(0), CosFace(8, CLASSES))
    views = Views(torch.zeros(2, 3, 32, 32), torch.zeros(2, 3, 32, 32), torch.tensor([0, 1]))
    assert list(whole(views).terms) == ["cosface"]


def test_the_trained_state_is_all_but_the_teacher():
    whole = objective()
    state = whole.trained_state()
    assert state.keys() == {f"network.{name}" for name in whole.network.state_dict()} | {"head.weight"}
    assert state["head.weight"].data_ptr() == whole.head.weight.data_ptr()


def test_a_head_that_no_distiller_asks_for_is_not_kept():
    whole = Objective(
        network(0),
        head(1),
        distillers={"askd": Weighted(AttentionSimilarity(), 5.0)},
        teacher=network(2),
        teacher_head=head(3, classes=9),
    )
    assert whole.teacher_head is None


def test_distillers_without_a_teacher_are_refused():
    with pytest.raises(RecipeError, match="askd, kd cannot be computed without a teacher"):
        Objective(network(0), head(1), distillers=both())


def test_logit_distillation_without_the_teachers_head_is_refused():
    with pytest.raises(RecipeError, match="needs the teacher's head"):
        Objective(network(0), head(1), distillers=both(), teacher=network(2))


def test_logit_distillation_between_other_classes_is_refused():
    with pytest.raises(RecipeError, match="the teacher knows 4 classes, the data have 5"):
        Objective(network(0), head(1), distillers=both(), teacher=network(2), teacher_head=head(3, classes=4))


def test_a_network_without_attention_is_refused_by_name():
    with pytest.raises(RecipeError, match=r"no module of IResNet matches the glob '\*\.gate'"):
        Objective(
            network(0, attention=None),
            head(1),
            distillers={"askd": Weighted(AttentionSimilarity(), 5.0)},
            teacher=network(2),
        )


def test_a_trace_without_a_teacher_is_refused(views):
    with pytest.raises(RecipeError, match="has no teacher"):
        Objective(network(0), head(1)).trace_teacher(views)
