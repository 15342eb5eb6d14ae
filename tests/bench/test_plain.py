"""The plain path computes what our path computes: the same outputs, losses, views and updates, only slowly."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader

from foveate.attention.cbam import CBAM
from foveate.backbones.iresnet import IResNet
from foveate.backbones.prelu import PReLU
from foveate.bench.plain import PlainTraining, plain_network, plain_step, plain_step_of
from foveate.bench.plain_faces import PlainFaces, plain_views
from foveate.bench.plain_head import PlainArcFace
from foveate.bench.plain_network import PlainIResNet
from foveate.bench.trial import batch_of, experiment
from foveate.degrade.preset import degradation
from foveate.distill.askd import AttentionSimilarity
from foveate.heads.arcface import ArcFace
from foveate.objective import Objective, Weighted
from foveate.teacher import LiveTeacher
from foveate.views import Batch, FaceViews, Views


def _networks(seed=0, kernel=3, size=32):
    """Ours and the plain one, with the same weights and running statistics that are not the initial ones."""
    torch.manual_seed(seed)
    ours = IResNet(
        18, width=8, embedding=8, dropout=0.0, size=size, attention=lambda channels: CBAM(channels, 4, kernel)
    )
    ours.train()(torch.randn(8, 3, size, size))
    plain = PlainIResNet(18, width=8, embedding=8, reduction=4, kernel=kernel, dropout=0.0, size=size)
    plain.load_state_dict(ours.state_dict())
    return ours, plain


def _heads(classes=5):
    ours, plain = ArcFace(8, classes), PlainArcFace(8, classes)
    plain.load_state_dict(ours.state_dict())
    return ours, plain


@pytest.mark.parametrize("kernel", [3, 7])
def test_the_plain_network_is_ours_with_the_same_weights(kernel):
    ours, plain = _networks(kernel=kernel)
    images = torch.randn(4, 3, 32, 32)
    for mode in (True, False):
        torch.testing.assert_close(plain.train(mode)(images), ours.train(mode)(images), rtol=1e-5, atol=1e-5)


def test_weights_go_both_ways():
    ours, plain = _networks()
    ours.load_state_dict(PlainIResNet(18, width=8, embedding=8, reduction=4, dropout=0.0, size=32).state_dict())
    assert plain.state_dict().keys() == ours.state_dict().keys()


def test_the_plain_network_has_nothing_of_our_fast_modules():
    kinds = {type(module) for module in PlainIResNet(18, width=4, reduction=4, size=32).modules()}
    assert nn.PReLU in kinds
    assert not kinds & {PReLU, CBAM}


def test_a_scale_gives_the_network_of_its_recipes(made, trial):
    PlainIResNet.of(trial.scale).load_state_dict(made["base"].objective.network.state_dict())


def test_the_one_hot_head_gives_the_same_logits():
    torch.manual_seed(0)
    ours, plain = _heads()
    embedding, label = torch.randn(20, 8), torch.arange(20) % 5
    embedding[:5] = -ours.weight.detach()  # beyond theta = pi - m
    embedding[:5] += 0.1 * torch.randn(5, 8)
    torch.testing.assert_close(plain(embedding, label), ours(embedding, label).logits, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("mirrored", [False, True])
def test_one_face_is_degraded_as_the_preset_released_does(mirrored):
    pixels = torch.randint(0, 256, (1, 112, 112, 3), generator=torch.Generator().manual_seed(0)).to(torch.uint8)
    views = FaceViews(degradation("released", side=(14,)), colour="bgr", flip=float(mirrored))
    number = torch.zeros(1, dtype=torch.long)
    want = views(Batch(pixels, number, number), seed=0, epoch=0)
    high, low = plain_views(pixels[0].numpy(), side=14, mirrored=mirrored)
    torch.testing.assert_close(high, want.high[0], rtol=0, atol=1e-6)
    torch.testing.assert_close(low, want.low[0], rtol=0, atol=1e-5)


def _both():
    """The plain training with a teacher, our objective with the same weights, and views."""
    (student, plain_student), (teacher, plain_teacher) = _networks(0), _networks(1)
    (head, plain_head), (teacher_head, plain_teacher_head) = _heads(), _heads()
    askd = {"askd": Weighted(AttentionSimilarity.released(), 5.0)}
    ours = Objective(student, head, distillers=askd)
    guide = LiveTeacher(teacher, head=teacher_head, globs=ours.globs)
    plain = PlainTraining(plain_student, plain_head, (plain_teacher, plain_teacher_head))
    views = Views(torch.randn(6, 3, 32, 32), torch.randn(6, 3, 32, 32), torch.arange(6) % 5)
    return ours, plain, views, guide


def test_the_loss_is_that_of_the_released_preset():
    ours, plain, views, guide = _both()
    want = ours(views, teacher=guide(views))
    assert want.terms["askd"] > 0.1
    for _ in range(2):  # maps of the step before are gone
        torch.testing.assert_close(plain.loss(*views[:3]), want.total, rtol=1e-5, atol=1e-5)


def test_one_step_moves_the_weights_as_our_step_does(made):
    ours, plain, views, guide = _both()
    optimiser = made["askd"].optimiser(value for value in ours.parameters() if value.requires_grad)
    before = {name: value.clone() for name, value in ours.state_dict().items()}
    ours(views, teacher=guide(views)).total.backward()
    optimiser.step()
    plain.step(*views[:3])
    moved = plain.student.state_dict()
    for name, want in ours.network.state_dict().items():
        torch.testing.assert_close(
            moved[name], want, rtol=1e-3, atol=2e-4, msg=lambda text, name=name: f"{name}: {text}"
        )
    torch.testing.assert_close(plain.head.weight, ours.head.weight, rtol=1e-3, atol=2e-4)
    assert not torch.allclose(moved["stem.0.weight"], before["network.stem.0.weight"], atol=2e-3)


def test_without_a_teacher_there_is_arcface_alone():
    _, student = _networks()
    head, plain_head = _heads()
    low, label = torch.randn(6, 3, 32, 32), torch.arange(6) % 5
    plain = PlainTraining(student, plain_head)
    want = head(student.train()(low), label).loss
    torch.testing.assert_close(plain.loss(low, low, label), want, rtol=1e-5, atol=1e-5)


def test_the_teacher_learns_nothing_and_the_student_something(trial):
    heads = PlainArcFace(8, 8), PlainArcFace(8, 8)
    training = PlainTraining(plain_network(trial), heads[0], (plain_network(trial), heads[1]))
    assert training.teacher is not None
    teacher = [value.clone() for value in training.teacher[0].state_dict().values()]
    student = training.student.stem[0].weight.detach().clone()
    batch = batch_of(trial, 4)
    step = plain_step(training, batch.images, batch.label)
    assert step().isfinite()
    assert step().isfinite()
    assert all(torch.equal(*pair) for pair in zip(teacher, training.teacher[0].state_dict().values(), strict=True))
    assert not torch.equal(training.student.stem[0].weight, student)


@pytest.mark.parametrize("distil", [True, False])
def test_a_step_of_a_trial_can_be_made_at_once(trial, distil):
    step = plain_step_of(trial, 4, distil=distil)
    assert step().isfinite()
    assert step().isfinite()


def test_the_preset_decides_the_side_of_the_spatial_convolution(trial):
    sides = [plain_network(dataclasses.replace(trial, preset=preset)) for preset in ("released", "paper")]
    assert [network.stage1[0].branch.attention.spatial.convolution.weight.shape[-1] for network in sides] == [3, 7]


def test_the_plain_loader_hands_out_both_views_of_single_images(trial, tmp_path):
    images = experiment("base", dataclasses.replace(trial, classes=6), tmp_path).images
    np.random.seed(0)
    high, low, label = next(iter(DataLoader(PlainFaces(images, 14), batch_size=6)))
    assert high.shape == low.shape == (6, 3, 112, 112)
    assert label.tolist() == images.labels.tolist()
    assert high.abs().max() <= 1
    assert not torch.allclose(high, low, atol=0.1)
