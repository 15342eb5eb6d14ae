"""TinaFace has the shapes, the parameters and the beginning that its paper and released settings say."""

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.blueprint import build, describe
from foveate.detect.anchors import anchors, level_sides
from foveate.detect.losses import Raw, detection_losses
from foveate.detect.tinaface import TinaFace
from foveate.taps import Taps


def _small(**more):
    torch.manual_seed(0)
    return TinaFace(18, **{"width": 8, "deformable": (), "channels": 16, "tower": 1, **more})


def test_the_full_size_network_has_the_parameters_and_answers_of_the_paper():
    with torch.device("meta"):
        plain, attentive = TinaFace(attention=None), TinaFace()
        raw = Raw.of(plain.eval().requires_grad_(False)(torch.empty(1, 3, 640, 640)))
    counts = [sum(value.numel() for value in network.parameters()) for network in (plain, attentive)]
    assert counts == [37_979_636, 40_496_148]  # 37.98 million in TinaFace's Table; CBAM in 16 blocks adds 2.5
    places = 3 * sum(side * side for side in (160, 80, 40, 20, 10, 5))
    assert [tuple(answer.shape) for answer in raw] == [(1, places), (1, places, 4), (1, places)]


def test_a_bottleneck_network_has_32_maps_and_its_stages_are_tapped():
    network = TinaFace(50, width=8, channels=16, tower=1, deformable=(4,))
    _, caught = Taps(network, ["*.gate", "stage[1-4]"])(torch.randn(2, 3, 64, 64))
    assert len(caught["*.gate"]) == 32
    assert [call.output.shape[1:] for call in caught["stage[1-4]"]] == [
        (32, 16, 16),
        (64, 8, 8),
        (128, 4, 4),
        (256, 2, 2),
    ]


@pytest.mark.parametrize("size", [(64, 64), (96, 160), (100, 70)])
def test_there_is_an_answer_for_every_anchor(size):
    network = _small().eval()
    raw = Raw.of(network(torch.randn(2, 3, *size)))
    found = anchors(level_sides(*size))
    assert raw.face.shape == raw.fit.shape == (2, len(found))
    assert raw.box.shape == (2, len(found), 4)


def test_faces_are_improbable_and_boxes_are_their_anchors_at_the_beginning():
    raw = Raw.of(_small().eval()(torch.randn(2, 3, 64, 64)))
    assert raw.face.sigmoid().mean().item() == pytest.approx(0.01, rel=0.2)
    assert not raw.box.any()
    assert not raw.fit.any()


def test_an_answer_belongs_to_its_anchor():
    """A change of one place of the photo moves answers of anchors near it more than of those far away."""
    network = _small(norm="batch", attention=None).eval()
    torch.nn.init.normal_(network.face.weight, std=1.0)
    photo = torch.randn(1, 3, 128, 128)
    other = photo.clone()
    other[:, :, 96:112, 16:32] += 5
    moved = (Raw.of(network(photo)).face - Raw.of(network(other)).face).abs()[0, : 3 * 32 * 32]  # the finest level
    centre = anchors(level_sides(128, 128))[: 3 * 32 * 32].unflatten(1, (2, 2)).mean(1)
    near = ((centre - torch.tensor([24.0, 104.0])).abs() < 12).all(1)
    far = ((centre - torch.tensor([104.0, 24.0])).abs() < 12).all(1)
    assert moved[near].mean() > 3 * moved[far].mean()


@pytest.mark.parametrize("more", [{}, {"norm": "batch"}, {"deformable": (3, 4)}, {"attention": None}])
def test_gradients_reach_every_weight(more):
    network = _small(**more).train()
    raw = Raw.of(network(torch.randn(2, 3, 64, 64)))
    face = torch.tensor([[10.0, 10.0, 30.0, 36.0]])
    sum(detection_losses(raw, anchors(level_sides(64, 64)), [face, face])).backward()
    missing = [name for name, value in network.named_parameters() if value.grad is None]
    assert not missing


def test_a_few_steps_find_one_face():
    network = _small(norm="batch")
    photo, face = torch.randn(2, 3, 64, 64), torch.tensor([[16.0, 12.0, 38.0, 40.0]])
    photo[:, :, 12:40, 16:38] += 3
    at = anchors(level_sides(64, 64))
    optimiser = torch.optim.Adam(network.parameters(), lr=3e-3)
    first = None
    for _ in range(25):
        loss = sum(detection_losses(Raw.of(network(photo)), at, [face, face]))
        first = loss.item() if first is None else first
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss.item() < 0.6 * first


def test_a_deformable_network_begins_as_the_plain_one():
    """Offsets begin at 0, so it is the same convolution until it has learnt."""
    plain, bent = _small(attention=None), _small(attention=None, deformable=(3, 4))
    weights = {name.replace(".conv.weight", ".weight"): value for name, value in bent.state_dict().items()}
    known = plain.state_dict()
    plain.load_state_dict(
        {name: weights.get(name, weights.get(name.replace(".weight", ".conv.weight"), known[name])) for name in known}
    )
    images = torch.randn(1, 3, 64, 64)
    shared = [net.stem(images) for net in (plain, bent)]
    for stage in ("stage1", "stage2", "stage3", "stage4"):
        shared = [net.get_submodule(stage)(each) for net, each in zip((plain, bent), shared, strict=True)]
    torch.testing.assert_close(*shared, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_can_build_it_again():
    network = _small(attention=CBAM)
    again = build(describe(network))
    again.load_state_dict(network.state_dict())
    images = torch.randn(2, 3, 64, 64)
    assert torch.equal(network.eval()(images), again.eval()(images))
