"""Imported weights are models like our own: judged, looked at, and teaching."""

from functools import partial

import pytest
import torch

from foveate.attention.cbam import CBAM
from foveate.backbones.iresnet import IResNet
from foveate.weights.layouts import LAYOUTS

SIZE = {"width": 4, "embedding": 8}


@pytest.fixture
def weights(tmp_path):
    """A checkpoint of a kind, as its project would have saved it."""

    def save(kind):
        attention = partial(CBAM, kernel=3) if kind == "released" else None
        shortcut = "subsample" if kind == "adaface" else "convolution"
        torch.manual_seed(0)
        network = IResNet(18, **SIZE, attention=attention, shortcut=shortcut)
        state = {LAYOUTS[kind].theirs(name, 18): value for name, value in network.state_dict().items()}
        torch.save({"net_state_dict": state}, tmp_path / f"{kind}.ckpt")
        return tmp_path / f"{kind}.ckpt"

    return save


@pytest.mark.parametrize("kind", LAYOUTS)
def test_an_imported_model_is_judged_as_any_other(run, weights, faces, kind, tmp_path):
    out = tmp_path / "model.safetensors"
    ended = run("import", weights(kind), "--out", out)
    assert ended.code == 0
    assert f"{out}: IResNet-18 (" in ended.out
    assert LAYOUTS[kind].title in ended.out
    judged = run("evaluate", out, "--data", faces, "--ratio", "8", "--json")
    assert judged.code == 0
    assert "WARNING" not in judged.err
    preset = "released" if kind == "released" else "paper"
    assert judged.json[str(out)]["held"]["degradation"] == f"{preset} 14px"


def test_the_answer_as_json_is_the_card(run, weights, tmp_path):
    out = tmp_path / "model.safetensors"
    ended = run("import", weights("adaface"), "--out", out, "--kind", "adaface", "--colour", "rgb", "--json")
    assert ended.json["path"] == str(out)
    assert ended.json["imported"]["colour"] == "rgb"
    assert ended.json["network"]["arguments"]["shortcut"] == "subsample"


def test_weights_of_another_kind_are_an_error_in_one_line(run, weights, tmp_path):
    out = tmp_path / "model.safetensors"
    ended = run("import", weights("adaface"), "--out", out, "--kind", "released", "--json")
    assert ended.code == 2
    assert ended.json["kind"] == "CheckpointError"
    assert "it holds 0 networks of the kind released" in ended.json["error"]
    assert not out.exists()


def test_an_imported_model_knows_no_data_of_its_own(run, weights, faces, tmp_path):
    out = tmp_path / "model.safetensors"
    assert run("import", weights("released"), "--out", out).code == 0
    for command in ("sweep", "looks"):
        ended = run(command, out)
        assert ended.code == 2
        assert "its weights were imported, so it knows no data of its own" in ended.err
    assert run("sweep", out, "--data", faces, "--side", "28").code == 0
    assert run("looks", out, "--data", faces, "--faces", "1", "--out", tmp_path / "looks.png").code == 0


def test_an_imported_network_teaches_a_student_of_its_own_size(run, weights, faces, tiny, tmp_path):
    out = tmp_path / "model.safetensors"
    assert run("import", weights("released"), "--out", out).code == 0
    flags = [*tiny, "--stem-stride=1", "--reduction=16", "--epochs=1", "--preset", "released", "--teacher", out]
    ended = run("train", "askd", "--data", faces, "--out", tmp_path / "student", *flags, "--start", "teacher")
    assert ended.code == 0, ended.err
    judged = run("train", "kd", "--data", faces, "--out", tmp_path / "kd", *flags)
    assert judged.code == 2
    assert "the teacher was trained on another set of identities" in judged.err
