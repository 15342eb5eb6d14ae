"""An imported model file says where its weights come from, and sees faces as they were trained."""

import numpy as np
import pytest
import torch

import foveate
from foveate.errors import CheckpointError
from foveate.model_file import load_model, read_card
from foveate.weights.import_model import import_model


@pytest.fixture
def pixels():
    """Two decoded RGB faces of noise."""
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (2, 112, 112, 3), dtype=np.uint8))


@pytest.fixture
def imported(foreign, tmp_path):
    """Saves a foreign network, imports it, and answers with both."""

    def make(kind, **more):
        theirs = foreign(kind)
        torch.save({"net_state_dict": theirs.state_dict()}, tmp_path / "weights.ckpt")
        import_model(tmp_path / "weights.ckpt", tmp_path / "model.safetensors", **more)
        return theirs, load_model(tmp_path / "model.safetensors")

    return make


def _theirs(theirs, pixels, colour):
    """Their embedding of RGB pixels, which they scale to [-1, 1] in their order of the colours."""
    seen = (pixels.double() / 255 - 0.5) / 0.5
    seen = seen if colour == "rgb" else seen[..., [2, 1, 0]]
    return theirs.double()(seen.permute(0, 3, 1, 2))


def _ours(model, pixels):
    return model.network.double()(model.views.see(pixels).double())


def _near(got, want):
    return torch.linalg.vector_norm(got - want) <= 1e-5 * torch.linalg.vector_norm(want)


@pytest.mark.parametrize(
    ("kind", "colour", "ours"),
    [
        ("released", "bgr", "bgr"),
        ("arcface_torch", "rgb", "rgb"),
        ("adaface", "bgr", "rgb"),
        ("adaface_se", "bgr", "rgb"),
    ],
)
def test_faces_get_the_same_embeddings_as_with_the_project_s_own_colours(imported, pixels, kind, colour, ours):
    theirs, model = imported(kind)
    assert model.card["imported"]["colour"] == colour
    assert model.views.colour == ours
    assert model.views.preset == ("released" if kind == "released" else "paper")
    with torch.no_grad():
        want = _theirs(theirs, pixels, colour)
        assert _near(_ours(model, pixels), want)
        assert not _near(_theirs(theirs, pixels, "rgb" if colour == "bgr" else "bgr"), want)


@pytest.mark.parametrize(("kind", "colour"), [("released", "rgb"), ("arcface_torch", "bgr"), ("adaface", "rgb")])
def test_another_order_of_colours_can_be_named(imported, pixels, kind, colour):
    theirs, model = imported(kind, colour=colour)
    assert model.card["imported"]["colour"] == colour
    with torch.no_grad():
        assert _near(_ours(model, pixels), _theirs(theirs, pixels, colour))


def test_the_card_says_where_the_weights_come_from(imported, tmp_path):
    _, model = imported("adaface")
    card = read_card(tmp_path / "model.safetensors")
    assert card == model.card
    assert (card["version"], card["recipe"], card["head"], card["seed"]) == (foveate.__version__, "import", None, None)
    assert card["arguments"] == {"weights": "weights.ckpt", "kind": "adaface", "colour": "bgr"}
    assert card["classes"] == {"number": 0, "sha256": None}
    assert card["imported"]["project"] == "AdaFace"
    assert card["imported"]["source"].startswith("github.com/mk-minchul/AdaFace")
    assert len(card["imported"]["file_sha256"]) == 64
    assert model.head is None
    assert not model.network.training


def test_a_file_that_is_there_is_not_replaced(imported, tmp_path):
    imported("released")
    before = (tmp_path / "model.safetensors").read_bytes()
    with pytest.raises(CheckpointError, match=r"model\.safetensors: the file exists already"):
        import_model(tmp_path / "weights.ckpt", tmp_path / "model.safetensors")
    assert (tmp_path / "model.safetensors").read_bytes() == before


def test_weights_that_cannot_be_imported_leave_nothing_behind(tmp_path):
    torch.save({"weight": torch.zeros(3, 8)}, tmp_path / "weights.ckpt")
    with pytest.raises(CheckpointError, match=r"weights\.ckpt: its tensors \(weight\)"):
        import_model(tmp_path / "weights.ckpt", tmp_path / "model.safetensors")
    assert [each.name for each in tmp_path.iterdir()] == ["weights.ckpt"]
