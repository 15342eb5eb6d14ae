"""QMUL-SurvFace: pairs and open-set identification in the official layout, and what is odd about its lists."""

import numpy as np
import pytest
from scipy.io import savemat

from foveate.data.identification_set import UNKNOWN
from foveate.data.image_writer import write_image
from foveate.data.matlab_writer import cells
from foveate.data.survface import is_survface, read_survface
from foveate.data.survface_writer import write_survface_identification, write_survface_verification
from foveate.errors import DataError

IMAGES = {person: [f"{person} {number}".encode() for number in (1, 2)] for person in range(100, 120)}
POSITIVE = [(f"{person}_cam1_1.jpg", f"{person}_cam1_2.jpg") for person in IMAGES]
NEGATIVE = [(f"{person}_cam1_1.jpg", f"{100 + (person + 1) % 20}_cam1_2.jpg") for person in IMAGES]
GALLERY = {51: [b"51 a", b"51 b"], 7: [b"7 a"]}
MATED = {51: [b"51 c"], 7: [b"7 b", b"7 c"]}
UNMATED = {900: [b"900 a", b"900 b"]}


def _pairs(folder, **changed):
    parts = {"images": IMAGES, "positive": POSITIVE, "negative": NEGATIVE, **changed}
    return write_survface_verification(folder, **parts)


def _people(folder, **changed):
    parts = {"gallery": GALLERY, "mated": MATED, "unmated": UNMATED, "distractors": [b"x", b"y", b"z"], **changed}
    return write_survface_identification(folder, **parts)


def _relist(folder, part, names, people):
    file = folder / "Face_Identification_Test_Set" / f"{part}_img_ID_pairs.mat"
    savemat(file, {f"{part}_set": cells([[name] for name in names]), f"{part}_ids": np.array(people)[:, None]})


def test_pairs_are_dealt_to_ten_folds_and_are_native(tmp_path):
    folder = _pairs(tmp_path)
    assert is_survface(folder)
    (found,) = read_survface(folder)
    assert (found.name, found.native, len(found), len(found.images)) == ("survface_verification", True, 40, 40)
    assert found.fold.tolist() == np.repeat(np.arange(10), 4).tolist()
    assert found.same.tolist() == [True, True, False, False] * 10
    expected = [pair for fold in range(10) for kind in (POSITIVE, NEGATIVE) for pair in kind[2 * fold : 2 * fold + 2]]
    assert [(found.images.names[a], found.images.names[b]) for a, b in zip(found.left, found.right, strict=True)] == (
        expected
    )
    assert found.people.tolist() == [int(name.split("_")[0]) for name in found.images.names]
    assert found.images[0] == b"100 1"


def test_probes_have_mates_or_show_nobody_of_the_gallery(tmp_path):
    folder = _people(tmp_path)
    assert is_survface(folder)
    (found,) = read_survface(folder)
    assert (found.name, found.templates) == ("survface_identification", True)
    assert (len(found), found.unmated, len(found.gallery), found.distractors) == (8, 5, 3, 0)
    probes = {found.images[place]: int(found.labels[place]) for place in found.probe}
    assert probes == {
        b"51 c": 1,
        b"7 b": 2,
        b"7 c": 2,
        **dict.fromkeys([b"900 a", b"900 b", b"x", b"y", b"z"], UNKNOWN),
    }
    assert {found.images[place]: int(found.labels[place]) for place in found.gallery} == {
        b"51 a": 1,
        b"51 b": 1,
        b"7 a": 2,
    }


def test_both_sets_are_found_in_the_archive_and_each_in_its_own_folder(tmp_path):
    folder = _people(_pairs(tmp_path))
    names = ["survface_verification", "survface_identification"]
    assert [each.name for each in read_survface(folder)] == names
    for part, name in zip(("Face_Verification_Test_Set", "Face_Identification_Test_Set"), names, strict=True):
        assert is_survface(folder / part)
        assert [each.name for each in read_survface(folder / part)] == [name]
    assert not is_survface(folder / part / "gallery")
    with pytest.raises(DataError, match="it holds neither"):
        read_survface(folder / part / "gallery")


def test_the_lists_of_people_may_stand_in_a_folder_beside(tmp_path):
    folder = _people(tmp_path)
    (folder / "Face_Identification_Evaluation").mkdir()
    for file in list((folder / "Face_Identification_Test_Set").glob("*.mat")):
        file.rename(folder / "Face_Identification_Evaluation" / file.name)
    assert len(read_survface(folder)[0]) == 8
    assert len(read_survface(folder / "Face_Identification_Test_Set")[0]) == 8


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        (
            {"positive": [*POSITIVE[:-1], ("100_cam1_1.jpg", "101_cam1_1.jpg")]},
            r"positive_pairs_names\.mat: record 20: 100_cam1_1\.jpg and 101_cam1_1\.jpg show two people by their names",
        ),
        (
            {"negative": [("100_cam1_1.jpg", "100_cam1_2.jpg"), *NEGATIVE[1:]]},
            r"negative_pairs_names\.mat: record 1: .* show one person by their names",
        ),
        ({"positive": [("100_cam1_1.jpg", "100_cam1_9.jpg")]}, r"record 1: the image '100_cam1_9\.jpg' is missing"),
        ({"positive": [("100_cam1_1.jpg", "face.jpg")]}, "record 1: .* are no file names that begin with a person"),
        ({"positive": [("100_cam1_1.jpg", "")]}, "record 1: .* are no file names that begin with a person"),
        ({"positive": POSITIVE[:-1]}, "19 pairs cannot be cut into 10 folds"),
    ],
)
def test_lists_of_pairs_that_cannot_be_are_refused_with_the_row(tmp_path, changed, problem):
    with pytest.raises(DataError, match=problem):
        read_survface(_pairs(tmp_path, **changed))


def test_a_list_of_single_names_is_refused(tmp_path):
    folder = _pairs(tmp_path)
    file = folder / "Face_Verification_Test_Set/positive_pairs_names.mat"
    savemat(file, {"positive_pairs_names": cells([["100_cam1_1.jpg"]])})
    with pytest.raises(DataError, match=r"positive_pairs_names is \(1, 1\), not two names for each pair"):
        read_survface(folder)


@pytest.mark.parametrize(
    ("part", "names", "people", "problem"),
    [
        ("mated_probe", ["51_cam1_1001.jpg", "7_cam1_1001.jpg", "7_cam1_1002.jpg"], [1, 2, 1], "says person 1, which"),
        ("mated_probe", ["51_cam1_1001.jpg", "7_cam1_1001.jpg", "7_cam1_1002.jpg"], [1, 2, 3], "person 3 has no face"),
        ("gallery", ["51_cam1_1.jpg", "51_cam1_2.jpg", "7_cam1_1.jpg"], [1, 1, 1], "stands for another number"),
        ("gallery", ["51_cam1_1.jpg", "51_cam1_2.jpg"], [1, 1], r"record 7_cam1_1\.jpg: the image is not in the list"),
        ("gallery", ["51_cam1_1.jpg", "51_cam1_9.jpg"], [1, 1], r"record 2: the image 51_cam1_9\.jpg is not in the"),
    ],
)
def test_lists_of_people_that_contradict_names_or_folders_are_refused(tmp_path, part, names, people, problem):
    folder = _people(tmp_path)
    _relist(folder, part, names, people)
    with pytest.raises(DataError, match=problem) as caught:
        read_survface(folder)
    assert caught.value.record is not None


def test_an_unmated_probe_of_somebody_in_the_gallery_is_refused(tmp_path):
    folder = _people(tmp_path, unmated={**UNMATED, 7: [b"7 d"]})
    with pytest.raises(DataError, match=r"unmated_probe: record 7_cam1_1\.jpg: the file name says person 7, who is in"):
        read_survface(folder)


def test_a_listed_face_without_a_person_in_its_name_is_refused(tmp_path):
    folder = _people(tmp_path)
    write_image(folder / "Face_Identification_Test_Set/gallery/face.jpg", b"")
    _relist(folder, "gallery", ["51_cam1_1.jpg", "51_cam1_2.jpg", "7_cam1_1.jpg", "face.jpg"], [1, 1, 2, 2])
    with pytest.raises(DataError, match=r"record face\.jpg: the file name does not begin"):
        read_survface(folder)
