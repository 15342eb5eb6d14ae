"""AgeDB-30 in its official layout: nested MATLAB structures, read by position."""

import numpy as np
import pytest

from foveate.data.agedb import is_agedb, read_agedb
from foveate.data.agedb_writer import write_agedb
from foveate.data.matlab_writer import cells, write_matlab
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

LIST = "04_FINAL_protocol_30_years.mat"


@pytest.fixture
def pairs():
    """Eight pairs in two folds over twelve images of six people."""
    people = np.arange(12) // 2
    left, right = np.array([0, 2, 0, 3, 6, 8, 7, 9]), np.array([1, 3, 2, 5, 7, 9, 8, 11])
    images = [f"image {number}".encode() for number in range(12)]
    return VerificationPairs("agedb_30", images, left, right, people[left] == people[right], np.arange(8) // 4, people)


@pytest.fixture
def folder(pairs, tmp_path):
    return write_agedb(tmp_path, pairs)


def _relist(folder, *rows):
    """A list of one split with these pairs of names and labels."""
    names = [[{"name": row[side], "age": 30} for row in rows] for side in (0, 1)]
    labels = np.array([[row[2] for row in rows]])
    write_matlab(folder / LIST, {"splits": cells([[{"pairs": cells(names), "labels": labels}]])})


def test_what_is_written_is_read(pairs, folder):
    assert is_agedb(folder)
    found = read_agedb(folder)
    assert found.name == "agedb_30"
    for side in ("left", "right"):
        theirs = [pairs.images[place] for place in getattr(pairs, side)]
        assert [found.images[place] for place in getattr(found, side)] == theirs
    assert found.same.tolist() == [True, True, False, False] * 2
    assert found.fold.tolist() == pairs.fold.tolist()
    assert len(found.images) == 10  # images 4 and 10 are in no pair; others are in two
    assert ((found.people[found.left] == found.people[found.right]) == found.same).all()


def test_the_list_may_stand_in_its_own_folder(folder):
    (folder / "AgeDB_FINAL_protocol").mkdir()
    (folder / LIST).rename(folder / "AgeDB_FINAL_protocol" / LIST)
    assert is_agedb(folder)
    assert len(read_agedb(folder)) == 8


def test_aligned_copies_may_have_another_ending(folder):
    for image in (folder / "03_Protocol_Images").iterdir():
        image.rename(image.with_suffix(".png"))
    assert len(read_agedb(folder).images) == 10


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("P0_x_0_40_f", "P9_x_9_40_f", 1)], r"record 1 of split 1: the image 'P9_x_9_40_f\.jpg' is missing"),
        ([("P0_x_0_40_f", "../P1_x_2_40_f", 1)], "record 1 of split 1: the image '../P1"),
        ([("P0_x_0_40_f", "P0_x_1_40_f", 1), ("P0_x_0_40_f", "P0_x_1_40_f", 0)], "record 2 of split 1: .* label 0 "),
        ([("P0_x_0_40_f", 7.0, 1)], "record 1 of split 1: 'P0_x_0_40_f' and '' with label 1 are no two photos"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(folder, rows, problem):
    _relist(folder, *rows)
    with pytest.raises(DataError, match=problem) as caught:
        read_agedb(folder)
    assert caught.value.file == folder / LIST


@pytest.mark.parametrize("splits", [np.zeros((2, 2)), np.zeros((0, 0)), cells([[{"pairs": 1.0}]])])
def test_a_list_of_other_things_is_refused(folder, splits):
    write_matlab(folder / LIST, {"splits": splits})
    with pytest.raises(DataError, match=r"split 1: it is no structure of 2 x P photos|it holds no pairs"):
        read_agedb(folder)


def test_a_missing_list_and_people_that_are_not_said_are_refused(folder, pairs):
    (folder / LIST).unlink()
    assert not is_agedb(folder)
    with pytest.raises(DataError, match=rf"{LIST}: cannot be opened"):
        read_agedb(folder)
    anonymous = VerificationPairs("x", pairs.images, pairs.left, pairs.right, pairs.same, pairs.fold)
    with pytest.raises(DataError, match="does not say whom its images show"):
        write_agedb(folder, anonymous)
