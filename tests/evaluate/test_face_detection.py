"""A detector is judged on all faces, and on the small and the large ones by themselves."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.detections import Detections
from foveate.data.face_photos import FacePhotos, FaceTest
from foveate.data.scene import Scene
from foveate.data.wider_truth import WiderTruth
from foveate.detect.finder import Finder
from foveate.evaluate.detection import Found, found_in, plain_boxes, wider_face
from foveate.evaluate.face_detection import FaceDetection, judged_on
from foveate.scene_views import SceneViews

RANDOM = np.random.default_rng(0)


def _case(number):
    """A photo's faces of several sizes, and what was found: most of them, some twice, and false alarms."""
    random = np.random.default_rng(number)
    corner, size = random.uniform(0, 300, (6, 2)), random.uniform(10, 60, (6, 1))
    faces = np.concatenate([corner, corner + size * [1, 1.2]], axis=1)
    found = np.concatenate([faces[:5] + random.normal(0, 2, (5, 4)), faces[:2], random.uniform(0, 300, (3, 4))])
    found[:, 2:] = np.maximum(found[:, 2:], found[:, :2] + 1)
    return faces, Detections(found, random.random(len(found)))


@pytest.fixture
def given(monkeypatch):
    """Finds what the cases say, whatever the network; the photo's first pixel has its number."""

    def find(self, photo):
        return _case(int(photo[0, 0, 0]))[1]

    monkeypatch.setattr(Finder, "__call__", find)
    return [Scene(np.full((300, 400, 3), n, dtype=np.uint8), _case(n)[0].astype(np.float32)) for n in range(8)]


def _network():
    return nn.Conv2d(1, 1, 1)


def test_all_faces_are_judged_as_plain_boxes_are(given):
    judge = FaceDetection(8, given.__getitem__, SceneViews(), (300, 400), "photos")
    answer, arrays = judge.detailed(_network())
    photos = [AnnotatedPhoto(str(n), "", given[n].boxes.astype(float)) for n in range(8)]
    expected = plain_boxes({str(n): _case(n)[1] for n in range(8)}, photos)
    assert answer["average_precision"]["all"] == pytest.approx(expected.average_precision, abs=1e-12)
    assert answer["faces"]["all"] == 48
    assert answer["faces"]["small"] + answer["faces"]["large"] == 48
    assert arrays["fates"].shape == (3, 80)
    assert arrays["photo"].tolist() == sorted(arrays["photo"].tolist())
    assert "all" in judge.headline(answer)


def test_test_sets_are_also_judged_at_an_overlap_that_forgives_how_boxes_are_drawn(monkeypatch):
    face, inside, near = [0.0, 0.0, 40.0, 40.0], [0.0, 0.0, 28.0, 28.0], [0.0, 0.0, 16.0, 16.0]  # share 1, 0.49, 0.16

    def find(self, photo):
        return Detections(np.array([[inside, face, near][photo[0, 0, 0]]]), np.ones(1))

    monkeypatch.setattr(Finder, "__call__", find)
    scenes = [Scene(np.full((60, 60, 3), n, dtype=np.uint8), np.array([face], dtype=np.float32)) for n in range(3)]
    photos = FacePhotos(Path("set"), [AnnotatedPhoto(str(n), "", np.array([face])) for n in range(3)])
    monkeypatch.setattr(FacePhotos, "scene", lambda self, index: scenes[index])
    judge = judged_on(FaceTest("set", photos, {}), SceneViews(), (60, 60), "set")
    answer, arrays = judge.detailed(_network())
    # All three are equally sure: one of three is found at one half, two at 0.3.
    assert list(answer["average_precision"]) == [
        *("all", "small", "large"),
        *("all at 0.3", "small at 0.3", "large at 0.3"),
    ]
    assert arrays["fates"].tolist() == [[0, 1, 0], [0, -1, 0], [0, 1, 0], [1, 1, 0], [-1, -1, 0], [1, 1, 0]]
    assert answer["faces"] == {"all": 3, "small": 0, "large": 3, "all at 0.3": 3, "small at 0.3": 0, "large at 0.3": 3}
    assert answer["average_precision"]["large at 0.3"] > answer["average_precision"]["large"] > 0


def test_small_is_what_the_network_sees_small(given):
    near, far = (
        FaceDetection(8, given.__getitem__, SceneViews(), fit, "photos")(_network()) for fit in ((300, 400), (75, 100))
    )
    assert near["faces"]["small"] < far["faces"]["small"]
    heights = np.concatenate([scene.boxes[:, 3] - scene.boxes[:, 1] for scene in given])
    assert near["faces"]["small"] == (heights < 32).sum()
    assert far["faces"]["small"] == (heights / 4 < 32).sum()


def test_a_face_of_another_level_is_neither_hit_nor_false_alarm():
    faces = np.array([[0.0, 0, 10, 10], [50, 50, 100, 100]])
    counts = np.array([[True, False]])
    found = found_in(Detections(faces, np.array([0.5, 0.9])), faces, counts)
    assert found.result(0).average_precision == 1
    assert found.result(0).detections == 1


def test_photos_of_wider_face_are_judged_by_the_official_rules(given, tmp_path):
    photos = [AnnotatedPhoto(f"0--A/{n}.jpg", "0--A", given[n].boxes.astype(float)) for n in range(8)]
    levels = {"easy": tuple(RANDOM.random(6) < 0.5 for _ in range(8)), "hard": tuple(np.ones((8, 6), dtype=np.bool_))}
    test = FaceTest("wider", FacePhotos(tmp_path, photos), levels)
    judge = judged_on(test, SceneViews(), (300, 400), "wider")
    object.__setattr__(judge, "scene", given.__getitem__)
    answer = judge(_network())
    official = wider_face(
        {photo.name: _case(n)[1] for n, photo in enumerate(photos)}, WiderTruth(tuple(photos), levels)
    )
    assert answer["average_precision"] == {level: result.average_precision for level, result in official.items()}


def test_photos_of_several_parts_are_numbered_on():
    faces = np.array([[0.0, 0, 10, 10]])
    one = found_in(Detections(faces, np.array([0.5])), faces, np.ones((1, 1), dtype=np.bool_))
    assert Found.of([one, one, one]).photo.tolist() == [0, 1, 2]
    assert Found.of([one, one]).result(0).average_precision == 1
    assert torch.tensor(Found.of([one, one]).faces).tolist() == [[1, 1]]
