"""Photos with boxes are found in WIDER FACE's layout, beside a text, and as CMU+MIT has them."""

import numpy as np
import pytest

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.encode import encode
from foveate.data.face_photos import FacePhotos, open_face_photos, open_face_test
from foveate.data.image_writer import write_image
from foveate.errors import DataError

ROW = "8 9 20 27 0 0 0 0 0 0"


def _photo(file, side=40):
    file.parent.mkdir(parents=True, exist_ok=True)
    write_image(file, encode(np.full((side, 60, 3), 90, dtype=np.uint8)))


def _text(file, names):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(f"{name}\n1\n{ROW}\n" for name in names))


@pytest.fixture(params=["plain", "wider"])
def folder(request, tmp_path):
    """Two photos to train on and one to validate with."""
    for split, names in (("train", ["0--A/1.jpg", "1--B/2.jpg"]), ("val", ["1--B/3.jpg"])):
        plain = request.param == "plain"
        images = tmp_path if plain else tmp_path / f"WIDER_{split}" / "images"
        text = f"{split}_bbx_gt.txt"
        _text(tmp_path / text if plain else tmp_path / "wider_face_split" / f"wider_face_{text}", names)
        for name in names:
            _photo(images / name)
    return tmp_path


def test_both_splits_are_found_with_their_photos_and_boxes(folder):
    train, val = open_face_photos(folder)
    assert [photo.name for photo in train.photos] == ["0--A/1.jpg", "1--B/2.jpg"]
    assert train.classes == ("0--A", "1--B")
    assert [photo.name for photo in val.photos] == ["1--B/3.jpg"]
    scene = train.scene(1)
    assert scene.pixels.shape == (40, 60, 3)
    assert scene.boxes.tolist() == [[8, 9, 28, 36]]
    test = open_face_test(folder)
    assert (test.name, len(test.images), dict(test.levels)) == (folder.name, 1, {})


def test_a_text_by_itself_names_photos_beside_it(tmp_path):
    _text(tmp_path / "some.txt", ["a.jpg"])
    _photo(tmp_path / "a.jpg")
    train, val = open_face_photos(tmp_path / "some.txt")
    assert val is None
    assert train.scene(0).pixels.shape == (40, 60, 3)


def test_faces_without_area_are_none(tmp_path):
    boxes = np.array([[1.0, 2.0, 1.0, 9.0], [1.0, 2.0, 5.0, 9.0]])
    assert FacePhotos(tmp_path, [AnnotatedPhoto("a.jpg", "", boxes)]).boxes(0).tolist() == [[1, 2, 5, 9]]


def test_cmu_mit_is_a_test_set_with_its_photos_without_faces(tmp_path):
    for name in ("a.jpg", "b.jpg"):
        _photo(tmp_path / name)
    (tmp_path / "faces.txt").write_text("a.jpg 1 2 11 14\n")
    test = open_face_test(tmp_path)
    assert [len(photo) for photo in test.images.photos] == [1, 0]


def test_some_of_the_photos_keep_their_folder(folder):
    train, _ = open_face_photos(folder)
    some = train.some([1])
    assert [some.record(0), some.encoded(0)] == ["1--B/2.jpg", train.encoded(1)]


def test_a_folder_without_boxes_is_refused_with_the_layouts(tmp_path):
    for opened in (open_face_photos, open_face_test):
        with pytest.raises(DataError, match=r"train_bbx_gt\.txt") as error:
            opened(tmp_path)
        assert str(tmp_path) in str(error.value)


def test_a_photo_that_is_missing_is_named(tmp_path):
    _text(tmp_path / "train_bbx_gt.txt", ["a.jpg"])
    with pytest.raises(DataError, match=r"a\.jpg"):
        open_face_photos(tmp_path)[0].scene(0)
