"""A path tells what it holds."""

import numpy as np
import pytest

from foveate.data.agedb_writer import write_agedb
from foveate.data.cfp_writer import write_cfp
from foveate.data.cross_lfw_writer import write_cross_lfw
from foveate.data.folder import ImageFolder
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.open import open_all_test_sets, open_test_sets, open_training_set
from foveate.data.pairs import VerificationPairs
from foveate.data.scface_writer import write_scface
from foveate.data.survface_writer import write_survface_identification, write_survface_verification
from foveate.data.tinyface_writer import write_tinyface
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import DataError


@pytest.fixture
def records(tmp_path, noise_jpeg):
    write_insightface(tmp_path / "faces", [(noise_jpeg(label), label) for label in range(2)], classes=2)
    return tmp_path / "faces"


@pytest.fixture
def ten_pairs(noise_jpeg):
    ends, same = np.arange(10), np.tile([True, False], 5)
    return VerificationPairs("set", [noise_jpeg(i) for i in range(11)], ends, ends + 1, same, ends)


def _lfw(folder):
    for name in ("Ann_0001", "Ann_0002", "Bob_0001"):
        (folder / name[:3]).mkdir(exist_ok=True)
        (folder / name[:3] / f"{name}.jpg").write_text(name)
    (folder / "pairs.txt").write_text("1\t1\nAnn\t1\t2\nAnn\t1\tBob\t1\n")


def test_a_folder_with_records_and_a_record_file_are_record_sets(records):
    assert isinstance(open_training_set(records), InsightFaceRecords)
    assert isinstance(open_training_set(records / "train.rec"), InsightFaceRecords)


def test_a_folder_of_folders_is_an_image_folder(tmp_path):
    _lfw(tmp_path)
    images = open_training_set(tmp_path)
    assert isinstance(images, ImageFolder)
    assert images.classes == ("Ann", "Bob")


def test_other_paths_hold_no_training_images(tmp_path):
    for opened in (open_training_set, open_test_sets):
        with pytest.raises(DataError, match="nowhere: there is no such file or folder"):
            opened(tmp_path / "nowhere")
        (tmp_path / "notes.txt").write_text("notes")
        with pytest.raises(DataError, match=r"notes\.txt: the file holds no"):
            opened(tmp_path / "notes.txt")
    with pytest.raises(DataError, match="holds no identity folders"):
        open_training_set(tmp_path)


def test_every_verification_set_of_a_folder_is_opened(records, ten_pairs):
    assert open_test_sets(records) == ()
    write_verification_bin(records / "b.bin", ten_pairs)
    write_verification_bin(records / "a.bin", ten_pairs)
    _lfw(records)
    assert [pairs.name for pairs in open_test_sets(records)] == ["a", "b", "lfw"]
    assert [pairs.name for pairs in open_test_sets(records / "b.bin")] == ["b"]
    assert [pairs.name for pairs in open_test_sets(records / "pairs.txt")] == ["lfw"]


def test_tinyface_is_opened_beside_pairs_and_never_as_training_images(records, ten_pairs, noise_jpeg):
    write_verification_bin(records / "a.bin", ten_pairs)
    face = noise_jpeg(0)
    write_tinyface(records, probes={1: [face]}, matches={1: [face]}, distractors=[face], aligned=True)
    assert [each.name for each in open_test_sets(records)] == ["a", "tinyface_aligned"]
    assert isinstance(open_training_set(records), InsightFaceRecords)
    (records / "train.rec").unlink()
    with pytest.raises(DataError, match="not to be trained on"):
        open_training_set(records)


def test_public_sets_are_found_in_their_layouts_and_never_as_training_images(tmp_path, ten_pairs):
    people = np.arange(11)
    one = VerificationPairs("x", ten_pairs.images, people[:-1], people[1:], ten_pairs.same, ten_pairs.fold, people)
    two = VerificationPairs(
        "x", ten_pairs.images, np.repeat(people[:10], 2), np.repeat(people[1:], 2), np.tile([True, False], 10),
        np.repeat(people[:10], 2), people,
    )  # fmt: skip
    face = ten_pairs.images[0]
    splits = {"FP": [{True: [(1, 1)], False: [(2, 1)]}], "FF": [{True: [(1, 1)], False: [(2, 1)]}]}
    names = [f"{person}_cam1_1.jpg" for person in range(20)]
    cameras = {(1, camera, distance): face for camera in range(1, 6) for distance in (1, 2, 3)}
    write_agedb(tmp_path, one)
    write_cfp(tmp_path, frontal={1: [face], 2: [face]}, profile={1: [face]}, splits=splits)
    write_cross_lfw(tmp_path, two, "calfw")
    write_cross_lfw(tmp_path, two, "cplfw")
    write_scface(tmp_path, mugshots={1: face}, surveillance=cameras)
    write_survface_verification(
        tmp_path,
        images={person: [face] for person in range(20)},
        positive=[(name, name) for name in names[:10]],
        negative=list(zip(names[:10], names[10:], strict=True)),
    )
    write_survface_identification(tmp_path, gallery={1: [face]}, mated={1: [face]}, unmated={2: [face]})
    found = ["agedb_30", "cfp_fp", "cfp_ff", "calfw", "cplfw", "scface_d1", "scface_d2", "scface_d3"]
    assert [each.name for each in open_test_sets(tmp_path)] == [
        *found,
        "survface_verification",
        "survface_identification",
    ]
    assert [each.name for each in open_test_sets(tmp_path / "pairs_CPLFW.txt")] == ["cplfw"]
    assert [each.name for each in open_test_sets(tmp_path / "04_FINAL_protocol_30_years.mat")] == ["agedb_30"]
    for folder in (tmp_path, tmp_path / "Face_Identification_Test_Set"):
        with pytest.raises(DataError, match="test set, which is not to be trained on"):
            open_training_set(folder)


def test_a_damaged_set_in_a_folder_is_not_skipped(records, ten_pairs):
    write_verification_bin(records / "a.bin", ten_pairs)
    (records / "b.bin").write_bytes((records / "a.bin").read_bytes()[:-20])
    with pytest.raises(DataError, match=r"b\.bin: the pickle is damaged"):
        open_test_sets(records)


def test_sets_of_one_name_are_refused_because_their_results_would_be_mixed_up(records, ten_pairs):
    write_verification_bin(records / "a.bin", ten_pairs)
    write_verification_bin(records / "other/a.bin", ten_pairs)
    assert [pairs.name for pairs in open_all_test_sets([records])] == ["a"]
    with pytest.raises(DataError, match="two test sets are called 'a'"):
        open_all_test_sets([records, records / "other"])
