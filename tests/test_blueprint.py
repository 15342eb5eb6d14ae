"""Constructor calls as data: what goes into a checkpoint comes back equal, and nothing foreign is called."""

import copy
import json
import os
import pickle
from functools import partial

import pytest
import torch
from torch import nn

from foveate.attention.cbam import CBAM
from foveate.attention.se import SE
from foveate.backbones.iresnet import IResNet
from foveate.backbones.mobilefacenet import MobileFaceNet
from foveate.blueprint import build, describe
from foveate.degrade.mixed import Mixed
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink
from foveate.errors import CheckpointError
from foveate.heads.arcface import ArcFace
from foveate.heads.cosface import CosFace
from foveate.heads.normface import NormFace
from foveate.heads.softmax import Softmax
from foveate.scale import SMALL
from foveate.views import FaceViews

MODULES = [
    IResNet(18, width=4, embedding=8, size=32),
    IResNet(18, width=4, embedding=8, attention=partial(CBAM, reduction=2, kernel=3), sites="conv", size=32),
    IResNet(18, width=4, embedding=8, attention=None, stem_stride=2, dropout=0.1, size=32),
    MobileFaceNet(8, width=8, size=32),
    MobileFaceNet(embedding=8, width=8, attention=partial(SE, reduction=2), size=32),
    ArcFace(8, 5, scale=16.0, margin=0.3, easy_margin=True, warmup=0.5),
    CosFace(8, classes=5, margin=0.2),
    NormFace(embedding=8, classes=5),
    Softmax(8, 5, bias=False),
]
VALUES = [
    Sharp(),
    Released(14),
    Shrink(14, sigma=(0.1, 2.0), antialias=False),
    Mixed((Sharp(), Shrink(14), Mixed((Released(7), Released(28))))),
    FaceViews(),
    FaceViews(Mixed((Shrink(14), Shrink(28))), colour="bgr", flip=0.0, crop=3),
    SMALL,
    None,
    True,
    3,
    0.5,
    "askd",
    (1, ("two", 3.0)),
    CBAM,
    Shrink,
]


def through_json(thing):
    return json.loads(json.dumps(describe(thing), allow_nan=False))


def name(thing):
    return type(thing).__name__


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_module_is_built_again_with_the_same_arguments_and_shapes(module):
    again = build(through_json(module))
    assert type(again) is type(module)
    assert describe(again) == describe(module)
    again.load_state_dict(module.state_dict())
    assert {key: value for key, value in vars(again).items() if isinstance(value, int | float | str)} == {
        key: value for key, value in vars(module).items() if isinstance(value, int | float | str)
    }


@pytest.mark.parametrize("value", VALUES, ids=name)
def test_a_value_is_built_again_equal(value):
    assert build(through_json(value)) == value


def test_a_partial_comes_back_with_its_arguments():
    made = build(through_json(partial(CBAM, reduction=2, kernel=3)))
    assert isinstance(made, partial)
    assert made.func is CBAM
    assert made.keywords == {"reduction": 2, "kernel": 3}


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda module: pickle.loads(pickle.dumps(module))])
@pytest.mark.parametrize("module", MODULES, ids=name)
def test_a_copy_remembers_its_arguments(module, copied):
    again = copied(module)
    assert describe(again) == describe(module)
    for ours, theirs in zip(again.state_dict().values(), module.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)


def test_only_given_arguments_are_recorded():
    assert describe(NormFace(8, 5))["arguments"] == {"embedding": 8, "classes": 5}


@pytest.mark.parametrize(
    "hostile",
    [
        "os:system",
        "posix:system",
        "builtins:eval",
        "foveate.blueprint:importlib",
        "foveate.files:os",
        "foveate.files:os.system",
        "foveate.checkpoint:shutil",
        "foveate.model_file:build",
        "foveate.blueprint:__builtins__",
        "foveate.blueprint:JSON",
        "foveate.scale:SMALL",
        "foveatex:thing",
        "foveate",
        "foveate.errors:",
        ":system",
        "",
    ],
)
@pytest.mark.parametrize("form", ["call", "partial", "name"])
def test_a_hostile_name_is_refused(hostile, form):
    with pytest.raises(CheckpointError):
        build({form: hostile, "arguments": {}})


def test_a_hostile_name_deep_inside_is_refused_before_anything_is_called(tmp_path):
    data = describe(FaceViews())
    command = f"touch {tmp_path / 'sign'}"
    data["arguments"]["degrade"] = {"call": "os:system", "arguments": {"command": command}}
    with pytest.raises(CheckpointError, match="'os:system', which is not part of foveate"):
        build(data)
    assert os.listdir(tmp_path) == []  # noqa: PTH208


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("foveate.cli:main", {"arguments": ["list"]}), ("foveate.attention.cbam:CBAM", {"channels": 8})],
)
def test_only_what_describe_writes_as_a_call_is_ever_called(name, arguments):
    with pytest.raises(CheckpointError, match=f"'{name}' is not a class that checkpoints are made of"):
        build({"call": name, "arguments": arguments})


@pytest.mark.parametrize("gone", ["foveate.heads.arcface:Gone", "foveate.gone:Thing"])
def test_a_name_that_does_not_exist_any_more_asks_for_the_right_version(gone):
    with pytest.raises(CheckpointError, match=r"this version does not have.*Install the foveate version"):
        build({"call": gone, "arguments": {}})


def test_another_package_is_used_only_when_it_is_trusted():
    described = describe(nn.Identity)
    with pytest.raises(CheckpointError, match="which is not part of foveate"):
        build(described)
    assert build(described, trust=("foveate", "torch")) is nn.Identity


def test_what_cannot_be_written_is_refused():
    with pytest.raises(TypeError, match="Tensor cannot be written into a checkpoint"):
        describe((1, torch.zeros(1)))
