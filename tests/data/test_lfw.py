"""LFW: the official list, read strictly; the images, read lazily."""

import pytest

from foveate.data.lfw import read_lfw
from foveate.errors import DataError

LINES = ["2\t1", "Ann\t1\t2", "Ann\t1\tBob_B\t1", "Bob_B\t1\t12", "Bob_B\t12\tAnn\t2"]


@pytest.fixture
def folder(tmp_path):
    for name in ("Ann/Ann_0001", "Ann/Ann_0002", "Bob_B/Bob_B_0001", "Bob_B/Bob_B_0012"):
        file = tmp_path / f"{name}.jpg"
        file.parent.mkdir(exist_ok=True)
        file.write_text(name)
    (tmp_path / "pairs.txt").write_text("\n".join(LINES) + "\n")
    return tmp_path


def _with_line(folder, number, line):
    (folder / "pairs.txt").write_text("\n".join([*LINES[: number - 1], line, *LINES[number:]]))
    return folder


def test_pairs_are_read_with_each_image_once(folder):
    pairs = read_lfw(folder)
    assert pairs.name == "lfw"
    assert pairs.same.tolist() == [True, False, True, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    assert [pairs.images[i] for i in pairs.left] == [
        b"Ann/Ann_0001",
        b"Ann/Ann_0001",
        b"Bob_B/Bob_B_0001",
        b"Bob_B/Bob_B_0012",
    ]
    assert [pairs.images[i] for i in pairs.right] == [
        b"Ann/Ann_0002",
        b"Bob_B/Bob_B_0001",
        b"Bob_B/Bob_B_0012",
        b"Ann/Ann_0002",
    ]
    assert len(pairs.images) == 4


def test_the_list_may_stand_elsewhere(folder):
    (folder / "pairs.txt").rename(folder / "Ann/list.txt")
    assert len(read_lfw(folder, folder / "Ann/list.txt")) == 4


@pytest.mark.parametrize(
    ("number", "line", "problem"),
    [
        (1, "Ann\t1\t2", "line 1 is 'Ann"),
        (1, "2 1", "line 1 is '2 1', not the number of sets"),
        (1, "0\t1", "line 1 is '0"),
        (1, "2\t2", "line 1 announces 2 x 2 x 2 pairs, but 4 lines follow"),
        (3, "Ann 1 Bob_B 1", "line 3 has 1 fields between tabs"),
        (3, "", "line 3 has 1 fields between tabs"),
        (4, "Bob_B\tone\t12", "line 4 names photo 'one' of 'Bob_B'"),
        (4, "../Ann\t1\t2", "line 4 names photo '1' of '../Ann'"),
        (5, "Bob_B\t12\tAnn\t7", r"record 5: the image 'Ann/Ann_0007\.jpg' is missing"),
        (5, "Bob_B\t1\t12", "set 2 has 2 pairs of one person, not 1"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(folder, number, line, problem):
    with pytest.raises(DataError, match=rf"pairs\.txt: {problem}") as caught:
        read_lfw(_with_line(folder, number, line))
    assert caught.value.remedy


def test_an_empty_or_missing_list_is_refused(folder):
    (folder / "pairs.txt").write_text("")
    with pytest.raises(DataError, match="line 1 is ''"):
        read_lfw(folder)
    (folder / "pairs.txt").unlink()
    with pytest.raises(DataError, match="the list of pairs cannot be read"):
        read_lfw(folder)


def test_a_list_that_is_no_text_is_refused(folder):
    (folder / "pairs.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="the list of pairs cannot be read"):
        read_lfw(folder)


def test_an_image_that_vanished_is_refused_when_it_is_read(folder):
    pairs = read_lfw(folder)
    (folder / "Ann/Ann_0001.jpg").unlink()
    with pytest.raises(DataError, match=r"Ann_0001\.jpg: cannot be read"):
        pairs.images[int(pairs.left[0])]


def test_the_shared_lfw_is_read(shared):
    pairs = read_lfw(shared / "data/lfw-112")
    assert (len(pairs), len(pairs.images)) == (6000, 7701)
    assert [pairs.same[pairs.fold == fold].sum() for fold in range(10)] == [300] * 10
    assert pairs.images[0][:3] == b"\xff\xd8\xff"


def test_an_aligned_copy_may_have_another_ending(folder):
    for file in folder.rglob("*.jpg"):
        file.rename(file.with_suffix(".png"))
    assert read_lfw(folder).images[0] == b"Ann/Ann_0001"
