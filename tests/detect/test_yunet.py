"""YuNet: what is asked of OpenCV and made of its answers; with the real weights where they are named.

The environment variable FOVEATE_YUNET names face_detection_yunet_2023mar.onnx.
"""

import json
import os
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import torch

from foveate.align.photo import read_photo
from foveate.detect.yunet import YuNet
from foveate.errors import CheckpointError, RecipeError

ROW = [10, 20, 30, 40, 15, 30, 35, 31, 25, 40, 17, 50, 33, 51, 0.8]
"""x, y, width and height of a face, its five points, its score."""


@pytest.fixture
def opencv(monkeypatch):
    """Stands for OpenCV; ``answer`` is what its network finds."""

    class Error(Exception):
        pass

    class Network:
        @staticmethod
        def create(*arguments):
            module.asked = arguments
            if Path(arguments[0]).read_bytes() != b"onnx":
                raise Error
            return Network()

        def setInputSize(self, size):  # noqa: N802
            module.size = size

        def detect(self, image):
            module.image = image
            return 1, module.answer

    module = ModuleType("cv2")
    module.error, module.FaceDetectorYN, module.answer = Error, Network, None
    monkeypatch.setitem(sys.modules, "cv2", module)
    return module


@pytest.fixture
def file(tmp_path):
    (tmp_path / "yunet.onnx").write_bytes(b"onnx")
    return tmp_path / "yunet.onnx"


def test_rows_become_faces_the_surest_first(opencv, file):
    opencv.answer = np.array([ROW, [*ROW[:14], 0.95]], dtype=np.float32)
    photo = torch.arange(60 * 50 * 3).reshape(60, 50, 3).to(torch.uint8)
    (faces,) = YuNet(file, score=0.5)([photo])
    assert opencv.asked[0] == str(file)
    assert opencv.asked[3] == 0.5
    assert opencv.size == (50, 60)
    assert np.array_equal(opencv.image, photo.numpy()[..., ::-1])
    assert faces.scores.tolist() == pytest.approx([0.95, 0.8])
    assert faces.boxes[0].tolist() == [10, 20, 40, 60]
    assert faces.points[0].tolist() == [[15, 30], [35, 31], [25, 40], [17, 50], [33, 51]]


def test_no_answer_is_no_face(opencv, file):
    found = YuNet(file)([torch.zeros(9, 9, 3, dtype=torch.uint8)] * 2)
    assert [len(faces) for faces in found] == [0, 0]


def test_a_file_that_is_missing_or_no_network_is_refused(opencv, file, tmp_path):
    with pytest.raises(CheckpointError, match=r"none\.onnx: cannot be read .*opencv_zoo"):
        YuNet(tmp_path / "none.onnx")
    file.write_bytes(b"text")
    with pytest.raises(CheckpointError, match=r"yunet\.onnx: OpenCV cannot read this network"):
        YuNet(file)


def test_without_opencv_the_command_that_installs_it_is_named(monkeypatch, file):
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(RecipeError, match=r"pip install 'foveate\[align\]'"):
        YuNet(file)


def test_the_golden_points_are_found(golden):
    pytest.importorskip("cv2", reason="OpenCV is not installed (pip install 'foveate[align]')")
    if "FOVEATE_YUNET" not in os.environ:
        pytest.skip("FOVEATE_YUNET does not name the weights of YuNet")
    known = json.loads((golden / "alignment/landmarks.json").read_text())
    detector = YuNet(Path(os.environ["FOVEATE_YUNET"]), score=0.6)
    near = 0
    for name, want in known.items():
        photo = torch.from_numpy(read_photo((golden / "alignment" / name).read_bytes(), file=name))
        (faces,) = detector([photo])
        off = np.linalg.norm(faces.points - np.array(want["yunet"]["points"]), axis=2).max(axis=1)
        near += bool(len(off) and off.min() <= 1.5)
    assert near >= 23
