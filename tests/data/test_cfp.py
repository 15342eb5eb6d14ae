"""CFP in its official layout: images by number, pairs by the numbers of two lists."""

import pytest

from foveate.data.cfp import is_cfp, read_cfp
from foveate.data.cfp_writer import write_cfp
from foveate.errors import DataError

FRONTAL = {person: [f"{person} front {number}".encode() for number in (1, 2)] for person in (1, 2, 3)}
PROFILE = {person: [f"{person} side".encode()] for person in (1, 2, 3)}
FP = [{True: [(1, 1), (4, 2)], False: [(1, 2), (3, 3)]}, {True: [(5, 3), (2, 1)], False: [(6, 1), (4, 3)]}]
FF = [{True: [(1, 2)], False: [(1, 3)]}, {True: [(6, 5)], False: [(5, 2)]}]


@pytest.fixture
def folder(tmp_path):
    return write_cfp(tmp_path, frontal=FRONTAL, profile=PROFILE, splits={"FP": FP, "FF": FF})


def _images(pairs):
    return [(pairs.images[a].decode(), pairs.images[b].decode()) for a, b in zip(pairs.left, pairs.right, strict=True)]


def test_both_protocols_are_read(folder):
    assert is_cfp(folder)
    profile, frontal = read_cfp(folder)
    assert (profile.name, frontal.name) == ("cfp_fp", "cfp_ff")
    assert profile.same.tolist() == [True, True, False, False] * 2
    assert profile.fold.tolist() == [0] * 4 + [1] * 4
    assert _images(profile)[:4] == [
        ("1 front 1", "1 side"),
        ("2 front 2", "2 side"),
        ("1 front 1", "2 side"),
        ("2 front 1", "3 side"),
    ]
    assert _images(frontal) == [
        ("1 front 1", "1 front 2"),
        ("1 front 1", "2 front 1"),
        ("3 front 2", "3 front 1"),
        ("3 front 1", "1 front 2"),
    ]
    assert frontal.fold.tolist() == [0, 0, 1, 1]
    for pairs in (profile, frontal):
        assert ((pairs.people[pairs.left] == pairs.people[pairs.right]) == pairs.same).all()


def test_one_protocol_alone_is_read(tmp_path):
    folder = write_cfp(tmp_path, frontal=FRONTAL, profile=PROFILE, splits={"FF": FF})
    assert [pairs.name for pairs in read_cfp(folder)] == ["cfp_ff"]


@pytest.mark.parametrize(
    ("file", "content", "problem"),
    [
        ("Split/FP/01/same.txt", "1,1\n1 2\n", r"same\.txt: record 2: '1 2' is no pair of numbers"),
        ("Split/FP/02/diff.txt", "1,1\n7,1\n", r"diff\.txt: record 2: the image 7 is in no list"),
        ("Split/FP/02/diff.txt", "1,0\n", r"diff\.txt: record 1: the image 0 is in no list"),
        ("Split/FP/02/diff.txt", "", r"diff\.txt: the list is empty"),
        ("Pair_list_P.txt", "1 ../Data/Images/001/profile/01.jpg\nx y\n", r"Pair_list_P\.txt: record 2: 'x y' is no"),
        (
            "Pair_list_P.txt",
            "1 ../Data/Images/a/p/1.jpg\n1 ../Data/Images/a/p/2.jpg\n",
            "record 2: .* is no new number",
        ),
        ("Pair_list_P.txt", "1 ../../Images/001/profile/01.jpg\n", r"Pair_list_P\.txt: record 1: the image '../Images"),
        ("Pair_list_P.txt", "1 ../Data/Images/001/profile/09.jpg\n", "record 1: the image 'Data/Images/001/profile/09"),
    ],
)
def test_a_wrong_line_is_refused_with_its_number(folder, file, content, problem):
    (folder / "Protocol" / file).write_text(content)
    with pytest.raises(DataError, match=problem) as caught:
        read_cfp(folder)
    assert caught.value.remedy


def test_missing_lists_and_folds_are_refused(folder):
    (folder / "Protocol/Split/FP/01/same.txt").unlink()
    with pytest.raises(DataError, match=r"same\.txt: the list cannot be read"):
        read_cfp(folder)
    (folder / "Protocol/Split/FP").rename(folder / "Protocol/Split/other")
    (folder / "Protocol/Split/FF").rename(folder / "Protocol/Split/another")
    with pytest.raises(DataError, match="it holds neither FP nor FF"):
        read_cfp(folder)
    (folder / "Protocol/Split/FP").mkdir()
    with pytest.raises(DataError, match="it holds no folds 01, 02"):
        read_cfp(folder)
