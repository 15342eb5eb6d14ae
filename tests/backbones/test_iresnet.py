"""IResNet: shapes, parameter counts, and the released block to the last bit that can be checked."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.backbones.iresnet import BLOCKS, IRBlock, IResNet
from foveate.errors import RecipeError
from foveate.taps import Taps

NAMES = {
    "res_layer.0": "branch.norm1",
    "res_layer.1": "branch.conv1",
    "res_layer.2": "branch.norm2",
    "res_layer.3": "branch.act",
    "res_layer.4": "branch.conv2",
    "res_layer.5": "branch.norm3",
    "channel_layer.shared_mlp": "branch.attention.channel.perceptron",
    "spatial_layer.conv": "branch.attention.spatial.convolution",
    "shortcut_layer": "shortcut",
}


def released_block(golden: Path) -> tuple[IRBlock, dict[str, torch.Tensor]]:
    with np.load(golden / "released_block.npz") as file:
        arrays = {name: torch.from_numpy(file[name]) for name in file.files}
    block = IRBlock(16, 32, 2, partial(CBAM, kernel=3))
    state = {}
    for name, value in arrays.items():
        if name.startswith("param:"):
            theirs = name.removeprefix("param:")
            prefix = max((known for known in NAMES if theirs.startswith(known)), key=len)
            state[NAMES[prefix] + theirs.removeprefix(prefix)] = value
    block.load_state_dict(state)
    return block.double().eval(), arrays


def test_the_released_block_answers_as_the_authors_code(golden):
    block, arrays = released_block(golden)
    output, caught = Taps(block, ["*.gate"])(arrays["input"].double())
    channel, spatial = caught["*.gate"]
    for got, want in [
        (output, arrays["output"]),
        (channel.input, arrays["channel_logits"]),
        (spatial.input, arrays["spatial_logits"]),
    ]:
        assert torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


def test_the_paper_network_has_24_blocks_and_its_attention_the_stated_number_of_parameters():
    network = IResNet(50, attention=partial(CBAM, kernel=3))
    gates = Taps(network, ["*.gate"]).names["*.gate"]
    assert len(gates) == 48
    count = sum(value.numel() for name, value in network.named_parameters() if ".attention.channel." in name)
    assert count == 222_720
    assert sum(value.numel() for name, value in network.named_parameters() if ".spatial." in name) == 432


@pytest.mark.parametrize("depth", sorted(BLOCKS))
def test_every_depth_embeds_faces(depth):
    network = IResNet(depth, width=4, embedding=8, attention=None, size=32).eval()
    assert network(torch.zeros(2, 3, 32, 32)).shape == (2, 8)
    assert [len(getattr(network, f"stage{stage}")) for stage in (1, 2, 3, 4)] == list(BLOCKS[depth])


def test_the_stem_stride_divides_the_side_of_every_map():
    network = IResNet(18, width=4, embedding=8, stem_stride=2, size=112)
    _, caught = Taps(network, ["stage?"])(torch.zeros(2, 3, 112, 112))
    assert [item.output.shape[-1] for item in caught["stage?"]] == [28, 14, 7, 4]


def test_sites_conv_puts_attention_after_each_convolution():
    gates = Taps(IResNet(18, width=16, embedding=8, sites="conv", size=32), ["*.gate"]).names["*.gate"]
    assert len(gates) == 8 * 2 * 2


def test_an_unknown_depth_is_refused():
    with pytest.raises(RecipeError, match="no IResNet of depth 19"):
        IResNet(19)


def test_an_embedding_is_not_normalised_and_dropout_works_in_training_only():
    torch.manual_seed(0)
    network = IResNet(18, width=4, embedding=8, dropout=0.5, size=32)
    images = torch.randn(4, 3, 32, 32)
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))
    assert not torch.allclose(network(images).norm(dim=1), torch.ones(4))
