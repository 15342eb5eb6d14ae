"""Every backbone keeps the promises of ``Backbone``.

A new file in ``foveate/backbones`` is found and tested without a line here, made with those of the values below that
its constructor knows.
"""

import inspect
import json

import pytest
import torch

from foveate.backbones.backbone import Backbone
from foveate.blueprint import build, describe
from foveate.discover import classes
from foveate.taps import Taps

KINDS = classes("backbones", Backbone)
TINY = {"depth": 18, "width": 8, "embedding": 8, "size": 32, "dropout": 0.0}


@pytest.fixture(params=KINDS, ids=str)
def kind(request):
    return KINDS[request.param]


def make(kind, **more):
    torch.manual_seed(0)
    known = inspect.signature(kind).parameters
    return kind(**{name: value for name, value in {**TINY, **more}.items() if name in known})


@pytest.fixture
def faces():
    return torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1


def test_it_is_final_and_documented(kind):
    assert kind.__final__
    assert inspect.getdoc(kind)
    assert inspect.getdoc(inspect.getmodule(kind))


def test_it_can_be_made_without_arguments_and_tells_its_size(kind):
    network = kind()
    defaults = {name: item.default for name, item in inspect.signature(kind).parameters.items()}
    assert network.size == defaults["size"]
    assert network.embedding == (defaults["embedding"] or network.embedding)
    network = make(kind)
    assert (network.embedding, network.size) == (8, 32)


def test_faces_become_embeddings(kind, faces):
    answer = make(kind).eval()(faces)
    assert answer.shape == (3, 8)
    assert answer.dtype == torch.float32
    assert answer.isfinite().all()


def test_embeddings_are_not_normalised(kind, faces):
    lengths = make(kind).train()(faces).norm(dim=1)
    assert not torch.allclose(lengths, lengths.mean())


def test_it_has_four_stages_in_order_of_falling_side(kind, faces):
    network = make(kind).eval()
    _, caught = Taps(network, ["stage[1-4]"])(faces)
    assert [item.name for item in caught["stage[1-4]"]] == ["stage1", "stage2", "stage3", "stage4"]
    sides = [item.output.shape[-1] for item in caught["stage[1-4]"]]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] > sides[-1]


def test_a_checkpoint_can_build_it_again(kind, faces):
    network = make(kind).eval()
    again = build(json.loads(json.dumps(describe(network)))).eval()
    again.load_state_dict(network.state_dict())
    assert torch.equal(again(faces), network(faces))


def test_the_same_seed_gives_the_same_weights(kind):
    one, two = make(kind).state_dict(), make(kind).state_dict()
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_in_evaluation_each_face_is_embedded_by_itself(kind, faces):
    network = make(kind).train()
    network(faces)  # running statistics away from their start
    network.eval()
    torch.testing.assert_close(network(faces[1:2]), network(faces)[1:2], rtol=1e-4, atol=1e-5)


def test_gradients_reach_every_weight(kind, faces):
    network = make(kind).train()
    (network(faces) * torch.randn(3, 8)).sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name


def test_channels_last_and_bfloat16_autocast_are_near(kind, faces):
    network = make(kind).train()
    network(faces)
    network.eval()
    want = network(faces)
    fast = network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(fast(faces.contiguous(memory_format=torch.channels_last)), want, rtol=1e-3, atol=1e-4)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        blunt = fast(faces).float()
    assert torch.nn.functional.cosine_similarity(blunt, want).min() > 0.9


def test_it_runs_in_double_precision(kind, faces):
    network = make(kind).eval()
    torch.testing.assert_close(network.double()(faces.double()).float(), network.float()(faces), rtol=1e-3, atol=1e-4)
