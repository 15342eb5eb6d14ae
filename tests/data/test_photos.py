"""Photos with their classes: which of a folder are trained on, which are tested on."""

import numpy as np
import pytest

from foveate.data.encode import encode
from foveate.data.image_writer import write_image
from foveate.data.photos import hold_out_photos, open_photos
from foveate.errors import DataError


def _fill(folder, counts):
    random = np.random.default_rng(0)
    for name, count in counts.items():
        for number in range(count):
            write_image(folder / name / f"{number}.jpg", encode(random.integers(0, 256, (9, 7, 3), dtype=np.uint8)))
    return folder


@pytest.mark.parametrize("test", ["val", "test"])
def test_a_folder_of_ones_own_with_train_and_a_test_is_taken_so(tmp_path, test):
    _fill(tmp_path / "train", {"cat": 3, "dog": 4})
    _fill(tmp_path / test, {"cat": 1, "dog": 2})
    images, tests = open_photos(tmp_path)
    assert images.classes == tests.classes == ("cat", "dog")
    assert (len(images), len(tests)) == (7, 3)


def test_imagenets_folder_is_known_by_its_classes(tmp_path):
    _fill(tmp_path / "train", {"n00000001": 3, "n00000002": 4})
    _fill(tmp_path / "val", {"n00000002": 2})
    images, tests = open_photos(tmp_path)
    assert tests.classes == images.classes
    assert tests.labels.tolist() == [1, 1]


def test_imagenets_folder_may_come_without_photos_to_test_on(tmp_path):
    _fill(tmp_path / "train", {"n00000001": 3, "n00000002": 4})
    images, tests = open_photos(tmp_path)
    assert (len(images), tests) == (7, None)


def test_folders_of_classes_alone_bring_no_test(tmp_path):
    images, tests = open_photos(_fill(tmp_path, {"cat": 3, "dog": 4}))
    assert (len(images), tests) == (7, None)
    _fill(tmp_path / "more" / "train", {"cat": 3, "dog": 4})
    assert open_photos(tmp_path / "more")[1] is None


def test_other_classes_in_the_test_are_refused(tmp_path):
    _fill(tmp_path / "train", {"cat": 3, "dog": 4})
    _fill(tmp_path / "val", {"cat": 1, "cow": 2})
    with pytest.raises(DataError, match="only one of train and val has the class cow"):
        open_photos(tmp_path)


def test_some_photos_of_every_class_are_held_out(tmp_path):
    whole, _ = open_photos(_fill(tmp_path, {"a": 10, "b": 2, "c": 21}))
    kept, held = hold_out_photos(whole, share=0.2)
    assert np.bincount(held.labels).tolist() == [2, 1, 4]
    assert np.bincount(kept.labels).tolist() == [8, 1, 17]
    assert kept.classes == held.classes == whole.classes
    names = [{part.record(number) for number in range(len(part))} for part in (kept, held)]
    assert not names[0] & names[1]
    assert len(names[0] | names[1]) == len(whole)
    again = hold_out_photos(whole, share=0.2)[1]
    assert np.array_equal(again.positions, held.positions)
    assert not np.array_equal(hold_out_photos(whole, share=0.2, seed=1)[1].positions, held.positions)


def test_a_class_with_one_photo_cannot_be_divided(tmp_path):
    whole, _ = open_photos(_fill(tmp_path, {"a": 10, "b": 1}))
    with pytest.raises(DataError, match="of the class b there are 1 photos"):
        hold_out_photos(whole, share=0.5)
