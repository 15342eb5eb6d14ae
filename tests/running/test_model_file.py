"""A model file tells where it comes from, and is enough to use the model."""

import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import foveate
from foveate.backbones.iresnet import IResNet
from foveate.data.insightface import InsightFaceRecords
from foveate.evaluate.embed import embed
from foveate.heads.arcface import ArcFace
from foveate.model_file import digest, load_model, read_card, save_model
from foveate.precision import choose_precision
from foveate.views import FaceViews


@pytest.fixture
def file(teacher):
    return teacher / "model.safetensors"


def _embeddings(model, pairs):
    return embed(model.network, pairs.images[:4], model.views.see, size=model.network.size)


def test_the_card_says_what_made_the_model(file, faces, teacher):
    card = read_card(file)
    assert card["version"] == foveate.__version__
    assert card["recipe"] == "teacher"
    assert card["arguments"]["data"] == str(faces)
    assert card["arguments"]["preset"] == "paper"
    assert card["arguments"]["scale"]["width"] == 4
    assert card["arguments"]["attention"] == "cbam"
    assert (card["seed"], card["precision"], card["degradation"]) == (0, choose_precision(), "sharp")
    assert card["classes"] == {"number": 7, "sha256": InsightFaceRecords(faces).fingerprint()}
    assert card["step"] == card["steps"] == 8


def test_a_student_s_card_names_preset_and_teacher(run, faces, file, tiny, tmp_path):
    flags = ["--data", faces, "--out", tmp_path, *tiny, "--epochs", "1", "--ratio", "4", "--teacher", file]
    assert run("train", "askd", *flags).code == 0
    card, taught = read_card(tmp_path / "model.safetensors"), read_card(file)
    assert card["degradation"] == "paper 28px"
    weights = digest(load_model(file).network.state_dict())
    known = {key: taught[key] for key in ("recipe", "seed", "arguments", "classes")}
    assert card["teacher"] == {**known, "weights": weights}
    assert load_model(tmp_path / "model.safetensors").views.degrade.title == "paper 28px"


def test_the_file_alone_is_enough(file, pairs, tmp_path):
    elsewhere = tmp_path / "alone.safetensors"
    shutil.copy(file, elsewhere)
    model, original = load_model(elsewhere), load_model(file)
    assert isinstance(model.network, IResNet)
    assert isinstance(model.head, ArcFace)
    assert model.views == FaceViews()
    assert not model.network.training
    assert not model.head.training
    assert model.head.weight.shape == (7, 8)
    assert np.array_equal(_embeddings(model, pairs), _embeddings(original, pairs))


def test_weights_stored_in_half_precision_load_as_float32(file, pairs, tmp_path):
    half = {name: value.half() if value.is_floating_point() else value for name, value in load_file(file).items()}
    save_model(tmp_path / "half.safetensors", half, read_card(file))
    assert (tmp_path / "half.safetensors").stat().st_size < 0.8 * file.stat().st_size
    model = load_model(tmp_path / "half.safetensors")
    assert {value.dtype for value in model.network.parameters()} == {torch.float32}
    whole = _embeddings(load_model(file), pairs)
    assert np.abs(_embeddings(model, pairs) - whole).max() < 0.02 * np.abs(whole).max()


@pytest.mark.parametrize(
    ("flags", "warned"),
    [
        ([], False),
        (["--ratio", "4"], False),
        (["--preset", "paper", "--side", "14"], False),
        (["--preset", "released", "--ratio", "8"], True),
    ],
)
def test_another_preset_is_warned_of_loudly(run, file, faces, flags, warned):
    ended = run("evaluate", file, "--data", faces, "--json", *flags)
    assert ended.code == 0
    assert ("trained under the preset 'paper'" in ended.err) == warned
    if warned:
        assert "WARNING" in ended.err
        assert "judged under 'released' ('released 14px')" in ended.err
    (answer,) = ended.json.values()
    assert (
        answer["held"]["degradation"] == {0: "sharp", 2: "paper 28px", 4: f"{(flags[1:] or [''])[0]} 14px"}[len(flags)]
    )


def test_a_student_of_the_released_code_is_warned_of_too_however_many_ratios_it_saw(run, faces, tiny, tmp_path):
    flags = ["--data", faces, "--out", tmp_path, *tiny, "--epochs", "1", "--preset", "released"]
    assert run("train", "base", *flags, "--ratio", "2", "4").code == 0
    file = tmp_path / "model.safetensors"
    own = run("evaluate", file, "--data", faces, "--ratio", "8", "--json")
    assert "trained under the preset" not in own.err
    assert own.json[str(file)]["held"]["degradation"] == "released 14px"
    other = run("evaluate", file, "--data", faces, "--ratio", "8", "--preset", "paper", "--json")
    assert "trained under the preset 'released'" in other.err
    assert other.json[str(file)]["held"]["degradation"] == "paper 14px"
    assert own.json != other.json
    assert run("evaluate", file, "--data", faces, "--preset", "paper").code == 2  # which size?
