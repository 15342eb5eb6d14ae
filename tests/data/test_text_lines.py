"""Lists are texts, and their names stay inside a folder."""

import pytest

from foveate.data.text_lines import read_lines, stays_inside, whole_number
from foveate.errors import DataError


def test_lines_come_without_their_ends_and_without_empty_ones_behind_them(tmp_path):
    file = tmp_path / "list"
    file.write_bytes("\ufeffä b\r\n\r\nc\n\n \n".encode())
    assert read_lines(file, remedy="none") == ["ä b", "", "c"]


def test_a_list_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "list").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match=r"list: the list cannot be read \(.*utf-8.*\)\. Mend it"):
        read_lines(tmp_path / "list", remedy="Mend it")
    with pytest.raises(DataError, match=r"nowhere: the list cannot be read \(.*No such file"):
        read_lines(tmp_path / "nowhere", remedy="Mend it")


def test_a_list_of_nothing_is_refused(tmp_path):
    (tmp_path / "list").write_text("\n \n")
    with pytest.raises(DataError, match="list: the list is empty"):
        read_lines(tmp_path / "list", remedy="Mend it")


@pytest.mark.parametrize("name", ["a.jpg", "a/b.jpg", "./a.jpg", "a..b/c", "0--Parade/a b.jpg", "..a", "ä/é.jpg"])
def test_names_inside_a_folder_are_known(name):
    assert stays_inside(name)


@pytest.mark.parametrize(
    "name", ["", "/etc/passwd", "../a", "a/../../b", "a/..", "\\a", "..\\a", "C:\\a", "c:a", "a\0b"]
)
def test_names_that_lead_out_are_known(name):
    assert not stays_inside(name)


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("-12", -12), ("007", 7), ("999999999", 999999999)])
def test_whole_numbers_are_known(text, number):
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text", ["", "-", "1.0", "1e3", " 1", "1\n", "+1", "0x1", "1_0", "\u0663", "9" * 10, "9" * 5000]
)
def test_what_is_no_whole_number_of_nine_digits_is_none(text):
    assert whole_number(text) is None
