"""The teacher stays as it was, answers without gradients, and its folded copy answers as it does."""

import copy

import pytest
import torch
from torch import nn

from foveate.backbones.iresnet import IResNet
from foveate.errors import RecipeError
from foveate.fold import folded
from foveate.heads.arcface import ArcFace
from foveate.taps import Taps
from foveate.teacher import LiveTeacher
from foveate.views import Views


@pytest.fixture
def network():
    """A tiny network whose BatchNorms are not the identity."""
    torch.manual_seed(0)
    made = IResNet(18, width=4, embedding=8, size=32)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            for value in (module.weight, module.bias, module.running_mean):
                nn.init.normal_(value.data)
            nn.init.uniform_(module.running_var.data, 0.5, 2)
    return made


@pytest.fixture
def views():
    high = torch.randn(6, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    return Views(high, high, torch.arange(6) % 5)


def _head(**more):
    torch.manual_seed(2)
    return ArcFace(8, 5, **more)


def test_a_folded_network_answers_as_before_and_keeps_the_names(network, views):
    made = folded(network.double())
    with torch.no_grad():
        want, got = network.eval()(views.high.double()), made(views.high.double())
    assert torch.allclose(got, want, rtol=1e-9)
    assert [name for name, _ in made.named_modules()] == [name for name, _ in network.named_modules()]


def test_only_norms_behind_a_convolution_are_folded_and_the_network_itself_is_left_alone(network):
    before = copy.deepcopy(network.state_dict())
    made = folded(network)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    left = {name.rpartition(".")[2] for name, module in made.named_modules() if isinstance(module, nn.BatchNorm2d)}
    assert left == {"norm1", "0"}  # before a convolution: in the blocks, and in the neck
    assert sum(isinstance(module, nn.BatchNorm2d) for module in made.modules()) == 8 + 1


def test_it_answers_like_its_network_and_head(network, views):
    trace = LiveTeacher(network, head=_head(), globs=["*.gate", "stage4"])(views)
    with torch.no_grad():
        want = network.eval()(views.high)
    assert torch.allclose(trace.embedding, want, atol=1e-4)
    assert torch.allclose(trace.logits, _head()(want, views.target).logits, atol=1e-4)
    assert len(trace.caught["*.gate"]) == 16
    assert len(trace.caught["stage4"]) == 1


def test_without_a_head_there_are_no_logits(network, views):
    assert LiveTeacher(network)(views).logits is None


def test_nothing_of_it_is_trained_and_nothing_of_its_answer_has_a_gradient(network, views):
    teacher = LiveTeacher(network, head=_head(), globs=["*.gate"])
    teacher.train()
    assert not any(module.training for module in teacher.modules())
    assert not any(value.requires_grad for value in teacher.parameters())
    views.high.requires_grad_()
    one, two = teacher(views), teacher(views)
    for trace in (one, two):
        assert not trace.embedding.requires_grad
        assert not trace.logits.requires_grad
        assert not any(item.output.requires_grad for item in trace.caught["*.gate"])
    assert torch.equal(one.embedding, two.embedding)


def test_progress_reaches_the_head(network, views):
    teacher = LiveTeacher(network, head=_head(warmup=1.0))
    rows = torch.arange(len(views.target))
    early, late = teacher(views, 0.0), teacher(views, 1.0)
    assert (early.logits[rows, views.target] > late.logits[rows, views.target]).all()


def test_a_glob_without_modules_is_refused(network):
    with pytest.raises(RecipeError, match="no module of IResNet matches the glob 'nothing'"):
        LiveTeacher(network, globs=["nothing"])


def test_equal_weights_have_equal_fingerprints(network):
    one, two = LiveTeacher(network).fingerprint, LiveTeacher(copy.deepcopy(network)).fingerprint
    with torch.no_grad():
        network.stage1[0].branch.conv1.weight[0, 0, 0, 0] += 1e-3
    assert one == two != LiveTeacher(network).fingerprint


def test_with_more_globs_it_is_the_same_teacher(network, views):
    teacher = LiveTeacher(network, globs=["*.gate"])
    more = teacher.with_globs(["stage4"], _head())
    assert more.globs == ("*.gate", "stage4")
    assert more.fingerprint == teacher.fingerprint
    assert torch.equal(more(views).embedding, teacher(views).embedding)
    assert more(views).logits is not None


def test_a_norm_that_does_more_than_normalise_is_not_folded():
    class WithActivation(nn.BatchNorm2d):
        def forward(self, x):
            return super().forward(x).relu()

    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(3, 4, 3), WithActivation(4), nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4)).eval()
    made, x = folded(network), torch.randn(2, 3, 8, 8)
    assert [type(module) for module in made] == [nn.Conv2d, WithActivation, nn.Conv2d, nn.Identity]
    assert torch.allclose(made(x), network(x), atol=1e-5)


def test_what_is_tapped_is_not_folded(network, views):
    """A convolution's answer is the same whether or not a norm follows it."""
    glob = "stage1.0.branch.conv*"
    teacher = LiveTeacher(network, globs=["*.gate"]).with_globs([glob], None)
    with torch.no_grad():
        _, want = Taps(network.eval(), [glob])(views.high)
    got = teacher(views).caught[glob]
    assert [item.name for item in got] == [item.name for item in want[glob]] != []
    for one, other in zip(got, want[glob], strict=True):
        torch.testing.assert_close(one.output, other.output, rtol=1e-4, atol=1e-4)
