"""MobileFaceNet: Table 1 of its paper, its size, and where attention sits."""

from functools import partial

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.backbones.mobilefacenet import Bottleneck, MobileFaceNet
from foveate.taps import Taps


def test_it_has_the_papers_million_of_parameters():
    """0.99 million (Chen et al., Table 2), which lies between the count with norms and slopes and the one without."""
    network = MobileFaceNet()
    count = sum(value.numel() for value in network.parameters())
    weights = sum(value.numel() for value in network.parameters() if value.ndim > 1)
    assert weights <= 0.99e6 <= count
    assert count == pytest.approx(0.99e6, rel=0.015)
    assert weights == pytest.approx(0.99e6, rel=0.015)


def test_maps_have_the_sides_and_channels_of_table_1():
    network = MobileFaceNet().eval()
    with torch.no_grad():
        answer, caught = Taps(network, ["stage?", "neck.0"])(torch.zeros(1, 3, 112, 112))
    shapes = [tuple(item.output.shape[1:]) for item in caught["stage?"]]
    assert shapes == [(64, 56, 56), (64, 28, 28), (128, 14, 14), (128, 7, 7)]
    assert caught["neck.0"][0].output.shape == (1, 512, 7, 7)
    assert answer.shape == (1, 128)


@pytest.mark.parametrize(("size", "width", "embedding"), [(32, 16, 8), (48, 8, 16), (112, 8, 8)])
def test_other_sizes_embed_faces_too(size, width, embedding):
    network = MobileFaceNet(embedding, width=width, size=size).eval()
    assert network(torch.zeros(2, 3, size, size)).shape == (2, embedding)
    assert (network.embedding, network.size) == (embedding, size)


def test_there_is_no_attention_unless_it_is_asked_for():
    assert not [name for name, _ in MobileFaceNet(8, width=8, size=32).named_modules() if name.endswith("gate")]


def test_attention_sits_at_the_end_of_each_bottleneck():
    network = MobileFaceNet(8, width=8, attention=partial(CBAM, reduction=2), size=32)
    gates = Taps(network, ["*.branch.attention.*gate"]).names["*.branch.attention.*gate"]
    assert len(gates) == 2 * (5 + 7 + 3)
    _, caught = Taps(network, ["*.spatial.gate"])(torch.randn(2, 3, 32, 32))
    assert {item.output.shape[-1] for item in caught["*.spatial.gate"]} == {8, 4, 2}


@pytest.mark.parametrize(("out", "stride", "residual"), [(4, 1, True), (4, 2, False), (6, 1, False)])
def test_a_bottleneck_adds_its_input_where_shapes_agree(out, stride, residual):
    block = Bottleneck(4, out, stride, 2, None).eval()
    x = torch.randn(1, 4, 6, 6)
    torch.nn.init.zeros_(block.branch.norm.weight)
    answer = block(x)
    assert torch.equal(answer, x if residual else torch.zeros(1, out, 6 // stride, 6 // stride))
