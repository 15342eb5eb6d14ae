"""Every distiller keeps the promises of ``Distiller``, between a tiny teacher and a tiny student.

A new file in ``foveate/distill`` is found and tested without a line here.
"""

import copy
import fnmatch
import inspect
from dataclasses import replace

import pytest
import torch
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

from foveate.backbones.iresnet import IResNet
from foveate.backbones.timm import TimmNetwork
from foveate.discover import classes
from foveate.distill.distiller import Distiller
from foveate.distill.trace import Trace
from foveate.heads.arcface import ArcFace
from foveate.objective import Objective, Weighted
from foveate.taps import Taps
from foveate.teacher import LiveTeacher
from foveate.views import Views

FACES, CLASSES = 6, 5
KINDS = classes("distill", Distiller)


@pytest.fixture(params=KINDS, ids=str)
def kind(request):
    return KINDS[request.param]


@pytest.fixture(scope="module")
def views():
    generator = torch.Generator().manual_seed(0)
    high, noise = (torch.randn(FACES, 3, 32, 32, generator=generator) for _ in range(2))
    return Views(high, 0.7 * high + 0.7 * noise, torch.arange(FACES) % 3)


def network(seed, kind):
    """A tiny network that has what the method wants to see: a transformer, where a convolutional one has it not."""
    torch.manual_seed(seed)
    made = IResNet(18, width=4, embedding=8, dropout=0.0, size=32)
    if all(fnmatch.filter(dict(made.named_modules()), glob) for glob in kind().globs):
        return made
    return TimmNetwork("test_vit", embedding=8, size=32)


@pytest.fixture
def objective(kind, views, guide):
    made = Objective(network(0, kind), ArcFace(8, CLASSES), distillers={"method": Weighted(kind(), 1.0)})
    made(views, teacher=guide(views))  # running statistics away from their start, and what a method makes then
    return made.eval()


@pytest.fixture
def guide(kind):
    """The teacher."""
    torch.manual_seed(3)
    return LiveTeacher(network(1, kind), head=ArcFace(8, CLASSES), globs=kind().globs)


@pytest.fixture
def distiller(objective):
    return objective.distillers["method"]


@pytest.fixture
def traces(objective, distiller, views, guide):
    """The student's trace, with its graph, and the teacher's."""
    embedding, caught = Taps(objective.network, distiller.globs)(views.low)
    logits = objective.head(embedding, views.target).logits
    return Trace(embedding, logits, caught, views.target), guide(views)


def each(trace, change, *, relabel=lambda label: label):
    """The same trace with every tensor changed, and its labels in a way of their own."""
    caught = {
        glob: tuple(item._replace(input=change(item.input), output=change(item.output)) for item in items)
        for glob, items in trace.caught.items()
    }
    logits = None if trace.logits is None else change(trace.logits)
    return Trace(change(trace.embedding), logits, caught, relabel(trace.label))


def tensors(trace):
    maps = [tensor for items in trace.caught.values() for item in items for tensor in (item.input, item.output)]
    return [trace.embedding, *maps, *([] if trace.logits is None else [trace.logits])]


def test_it_is_final_and_documented(kind):
    assert kind.__final__
    assert inspect.getdoc(kind)
    assert inspect.getdoc(inspect.getmodule(kind))


def test_it_can_be_made_without_arguments_and_says_what_it_wants_to_see(kind):
    made = kind()
    assert all(isinstance(glob, str) for glob in made.globs)
    assert isinstance(made.wants_logits, bool)


def test_the_loss_is_a_finite_scalar(distiller, traces):
    loss = distiller(*traces)
    assert loss.shape == ()
    assert loss.isfinite()
    assert loss > 0


def test_no_gradient_reaches_the_teacher(objective, views, guide):
    objective.train()
    objective(views, teacher=guide(views)).total.backward()
    assert all(value.grad is None for value in guide.parameters())


def test_it_reads_no_more_than_it_says(distiller, traces):
    """What a method does not read, a cache does not keep."""
    student, teacher = traces
    unread = [side for side in ("input", "output") if side not in distiller.reads]
    caught = {
        glob: tuple(item._replace(**{side: getattr(item, side).to("meta") for side in unread}) for item in items)
        for glob, items in teacher.caught.items()
    }
    assert distiller(student, replace(teacher, caught=caught)).item() == distiller(student, teacher).item()


def test_gradients_reach_the_student_and_all_that_the_method_learns(objective, distiller, traces):
    distiller(*traces).backward()
    gradients = [value.grad for value in objective.network.parameters() if value.grad is not None]
    assert all(value.isfinite().all() for value in gradients)
    assert any(value.abs().sum() > 0 for value in gradients)
    assert all(value.grad.isfinite().all() for value in distiller.parameters())


def test_a_step_along_the_gradient_brings_the_student_nearer(distiller, traces):
    _, teacher = traces
    leaves = each(traces[0], lambda tensor: tensor.detach().clone().requires_grad_())
    before = distiller(leaves, teacher)
    before.backward()
    length = sum(value.grad.square().sum() for value in tensors(leaves) if value.grad is not None)
    moved = {
        id(value): value.detach() - (0.01 * before.detach() / length * value.grad if value.grad is not None else 0)
        for value in tensors(leaves)
    }
    assert distiller(each(leaves, lambda tensor: moved[id(tensor)]), teacher) < before


def test_a_method_that_learns_nothing_is_content_where_student_and_teacher_agree(distiller, traces):
    if list(distiller.parameters()):
        pytest.skip("a method with weights of its own promises nothing here")
    student = each(traces[0], torch.Tensor.detach)
    assert distiller(student, each(student, torch.clone)).item() == pytest.approx(
        0, abs=1e-3 * distiller(*traces).item()
    )


def test_the_order_of_the_faces_does_not_matter(distiller, traces):
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    mixed = [each(trace, lambda tensor: tensor[order], relabel=lambda label: label[order]) for trace in traces]
    assert distiller(*mixed).item() == pytest.approx(distiller(*traces).item(), rel=1e-4)


def test_double_precision_is_near(distiller, traces):
    want = distiller(*traces).item()
    exact = copy.deepcopy(distiller).double()(*(each(trace, torch.Tensor.double) for trace in traces))
    assert exact.dtype == torch.float64
    assert exact.item() == pytest.approx(want, rel=1e-3)


def test_traces_in_bfloat16_are_compared_too(distiller, traces):
    blunt = [each(trace, lambda tensor: tensor.detach().bfloat16()) for trace in traces]
    blunt = [replace(trace, logits=exact.logits) for trace, exact in zip(blunt, traces, strict=True)]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = distiller(*blunt)
    assert loss.isfinite()
    assert loss.item() == pytest.approx(distiller(*traces).item(), rel=0.3)


def test_traces_are_left_as_they_are(distiller, traces):
    before = [[tensor.detach().clone() for tensor in tensors(trace)] for trace in traces]
    distiller(*traces)
    for trace, old in zip(traces, before, strict=True):
        assert all(torch.equal(tensor, value) for tensor, value in zip(tensors(trace), old, strict=True))


def test_the_same_traces_give_the_same_loss(distiller, traces):
    assert distiller(*traces).item() == distiller(*traces).item()


def test_its_cost_can_be_counted_without_computing_it(distiller, traces):
    """No shape inside it depends on numbers; ``foveate plan`` has none."""

    def fake(tensor):
        return torch.empty(tensor.shape, dtype=tensor.dtype)

    with FakeTensorMode(allow_non_fake_inputs=True):
        student, teacher = (each(trace, fake, relabel=fake) for trace in traces)
        loss = distiller(student, teacher)
    assert isinstance(loss, FakeTensor)
    assert loss.shape == ()


def test_what_it_learns_is_trained_and_stored_with_the_student(objective, distiller):
    state = objective.state_dict()
    assert {f"distillers.method.{name}" for name in distiller.state_dict()} <= state.keys()
    trained = {id(value) for value in objective.parameters() if value.requires_grad}
    assert all(id(value) in trained for value in distiller.parameters())
