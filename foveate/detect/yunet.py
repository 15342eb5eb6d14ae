"""YuNet (Wu, Peng and Yu, Machine Intelligence Research 20(5), 2023) as OpenCV runs it.

The weights are a file of the OpenCV Zoo (MIT licence): models/face_detection_yunet in github.com/opencv/opencv_zoo.
"""

import hashlib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, final

import numpy as np

from foveate.detect.detector import Detector, Photo
from foveate.detect.faces import Faces
from foveate.errors import CheckpointError, RecipeError

SCORE: Final = 0.9
"""Below which a face is dropped; the value of OpenCV's own program."""
_OVERLAP, _MOST = 0.3, 5000
_REMEDY: Final = (
    "Take face_detection_yunet_2023mar.onnx from models/face_detection_yunet of github.com/opencv/opencv_zoo"
)


@final
class YuNet(Detector):
    """Finds faces of about 10 to 300 pixels, one photo at a time, on the CPU.

    Args:
        weights: the ONNX file.
        score: below which a face is dropped, from 0 to 1.

    Raises:
        RecipeError: OpenCV is not installed.
        CheckpointError: the file is missing or no network that OpenCV can run.
    """

    def __init__(self, weights: Path, *, score: float = SCORE) -> None:
        try:
            cv2: Any = import_module("cv2")
        except ImportError as error:
            raise RecipeError("OpenCV is not installed", remedy="pip install 'foveate[align]', or use MTCNN") from error
        try:
            self._sha256 = hashlib.sha256(weights.read_bytes()).hexdigest()
            self._network = cv2.FaceDetectorYN.create(str(weights), "", (320, 320), score, _OVERLAP, _MOST)
        except OSError as error:
            raise CheckpointError(f"cannot be read ({error.strerror})", file=weights, remedy=_REMEDY) from error
        except cv2.error as error:
            raise CheckpointError("OpenCV cannot read this network", file=weights, remedy=_REMEDY) from error
        self._score = score

    @property
    def title(self) -> str:
        return f"YuNet {self._sha256[:12]}, score {self._score:g}"

    def __call__(self, photos: Sequence[Photo]) -> list[Faces]:
        return [self._detect(photo) for photo in photos]

    def _detect(self, photo: Photo) -> Faces:
        height, width, _ = photo.shape
        self._network.setInputSize((width, height))
        _, found = self._network.detect(np.ascontiguousarray(photo.cpu().numpy()[..., ::-1]))  # OpenCV's colours: BGR
        rows = np.zeros((0, 15)) if found is None else np.asarray(found)
        rows = rows[np.argsort(-rows[:, 14], kind="stable")].astype(np.float32)
        boxes = np.concatenate([rows[:, :2], rows[:, :2] + rows[:, 2:4]], axis=1)
        # The person's right eye comes first, which is the viewer's left one.
        return Faces(boxes, rows[:, 14].copy(), rows[:, 4:14].reshape(-1, 5, 2).copy())
