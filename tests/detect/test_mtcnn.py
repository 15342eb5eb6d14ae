"""MTCNN: the golden points, batches, sizes without faces, and every way in which weights can be missing."""

import json
import sys

import numpy as np
import pytest
import torch

from foveate.align.photo import read_photo
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.detect import mtcnn_weights as weights_module
from foveate.detect.mtcnn import Mtcnn
from foveate.detect.mtcnn_weights import FILES, mtcnn_weights
from foveate.errors import CheckpointError, RecipeError


@pytest.fixture(scope="module")
def drawn() -> list[torch.Tensor]:
    """Two drawn people, 96 x 96 pixels."""
    return list(SyntheticFaces(0, size=96).render(torch.arange(2), torch.zeros(2, dtype=torch.long)))


def test_the_golden_points_are_found(weights, golden):
    """Measured with facenet-pytorch, whose smallest face was set to 40 pixels."""
    known = json.loads((golden / "alignment/landmarks.json").read_text())
    photos = [torch.from_numpy(read_photo((golden / "alignment" / name).read_bytes(), file=name)) for name in known]
    found = Mtcnn(weights, smallest=40.0)(photos)
    away = []
    for (name, want), faces in zip(known.items(), found, strict=True):
        want = want["mtcnn"]
        assert len(faces) == want["faces"], name
        off = np.linalg.norm(faces.points - np.array(want["points"]), axis=2).max(axis=1)
        best = int(off.argmin())
        away.append(off[best])
        if off[best] < 0.1:
            assert abs(faces.scores[best] - want["probability"]) < 1e-4, name
            # left and top are the lines before pixels that are counted from 1
            assert np.abs(faces.boxes[best] - np.array(want["box"]) + [1, 1, 0, 0]).max() < 0.1, name
    assert sum(distance <= 1.5 for distance in away) >= 23
    assert np.median(away) < 0.05


def test_a_drawn_face_is_found_alone_and_in_a_photo_beside_others(weights, drawn):
    canvas = torch.full((150, 260, 3), 128, dtype=torch.uint8)
    canvas[20:116, 10:106], canvas[40:136, 150:246] = drawn
    alone, together = Mtcnn(weights)([drawn[1], canvas])
    assert len(alone) == 1
    assert len(together) == 2
    left, right = sorted(range(2), key=lambda number: together.boxes[number, 0])
    assert np.abs(together.points[right] - [150, 40] - alone.points[0]).max() < 4
    assert together.boxes[left, 2] < 120 < together.boxes[right, 0]
    eyes = alone.points[0, :2]
    assert eyes[0, 0] < 48 < eyes[1, 0]
    assert alone.points[0, 3:, 1].min() > alone.points[0, 2, 1] > eyes[:, 1].max()


def test_a_batch_of_any_sizes_gives_what_single_photos_give(weights, drawn):
    detector = Mtcnn(weights)
    photos = [drawn[0], drawn[1][:, :90], drawn[1], torch.zeros(40, 30, 3, dtype=torch.uint8)]
    for photo, faces in zip(photos, detector(photos), strict=True):
        (single,) = detector([photo])
        assert len(faces) == len(single)
        assert np.allclose(faces.points, single.points, atol=1e-2)
        assert faces.points.dtype == np.float32
    assert len(detector([photos[0]])[0]) == 1


@pytest.mark.parametrize("shape", [(1, 1), (5, 300), (19, 19), (60, 80)])
def test_photos_without_a_face_or_smaller_than_one_give_none(weights, shape):
    (faces,) = Mtcnn(weights)([torch.full((*shape, 3), 90, dtype=torch.uint8)])
    assert len(faces) == 0
    assert faces.points.shape == (0, 5, 2)
    assert Mtcnn(weights)([]) == []


def test_networks_to_which_all_is_a_face_give_windows_that_do_not_lie_in_each_other(made_up):
    (faces,) = Mtcnn(mtcnn_weights(made_up), smallest=12.0)([torch.zeros(24, 24, 3, dtype=torch.uint8)])
    assert len(faces) >= 4
    middle = (faces.boxes[:, :2] + faces.boxes[:, 2:]) / 2
    assert np.abs(faces.points - middle[:, None]).max() < 1e-3
    assert np.allclose(faces.scores, 1 / (1 + np.exp(-3)))


def test_scores_and_the_smallest_face_are_asked_for(made_up):
    weights, photo = mtcnn_weights(made_up), torch.zeros(30, 30, 3, dtype=torch.uint8)
    assert len(Mtcnn(weights, thresholds=(0.6, 0.7, 0.96))([photo])[0]) == 0
    assert len(Mtcnn(weights, thresholds=(0.6, 0.96, 0.7))([photo])[0]) == 0
    assert len(Mtcnn(weights, thresholds=(0.96, 0.7, 0.7))([photo])[0]) == 0
    assert len(Mtcnn(weights, smallest=30.0)([photo])[0]) == 1
    assert len(Mtcnn(weights, smallest=31.0)([photo])[0]) == 0


@pytest.mark.parametrize(
    "wrong", [{"smallest": 0.0}, {"thresholds": (0.6, 0.7, 1.0)}, {"thresholds": (-0.1, 0.7, 0.7)}]
)
def test_settings_that_cannot_be_are_refused(made_up, wrong):
    with pytest.raises(RecipeError, match="cannot be looked for"):
        Mtcnn(mtcnn_weights(made_up), **wrong)


def test_the_title_names_weights_and_settings(made_up):
    weights = mtcnn_weights(made_up)
    assert Mtcnn(weights, smallest=33.0).title == f"MTCNN {weights.sha256[:12]}, faces from 33 px, scores 0.6, 0.7, 0.7"


def test_reading_the_weights_runs_nothing_of_their_package(weights):
    assert "facenet_pytorch" not in sys.modules
    assert not any(parameter.requires_grad for parameter in weights.output.parameters())


def test_weights_that_are_not_installed_are_asked_for_by_their_command(monkeypatch):
    monkeypatch.setattr(weights_module, "find_spec", lambda name: None)
    with pytest.raises(RecipeError, match="pip install --no-deps facenet-pytorch"):
        mtcnn_weights()


@pytest.mark.parametrize("name", FILES)
def test_weights_that_are_missing_damaged_or_of_another_network_are_refused(made_up, tmp_path, name):
    for file in FILES:
        if file != name:
            (tmp_path / file).write_bytes((made_up / file).read_bytes())
    with pytest.raises(CheckpointError, match=f"{name}: cannot be read"):
        mtcnn_weights(tmp_path)
    (tmp_path / name).write_bytes((made_up / name).read_bytes()[:500])
    with pytest.raises(CheckpointError, match=f"{name}: holds no weights of this network"):
        mtcnn_weights(tmp_path)
    (tmp_path / name).write_bytes((made_up / FILES[FILES.index(name) - 1]).read_bytes())
    with pytest.raises(CheckpointError, match=f"{name}: holds no weights of this network"):
        mtcnn_weights(tmp_path)


def test_a_file_that_would_run_code_is_refused(made_up, tmp_path):
    class Hostile:
        def __reduce__(self):
            return (tmp_path.joinpath("ran").touch, ())

    for file in FILES:
        (tmp_path / file).write_bytes((made_up / file).read_bytes())
    torch.save({"conv1.weight": Hostile()}, tmp_path / "rnet.pt")
    with pytest.raises(CheckpointError, match=r"rnet\.pt: holds no weights"):
        mtcnn_weights(tmp_path)
    assert not (tmp_path / "ran").exists()
