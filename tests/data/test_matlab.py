"""MATLAB files are read up to a limit, and damage is told from lists."""

import io
import struct

import numpy as np
import pytest
from scipy.io import savemat

from foveate.data.matlab import read_matlab
from foveate.errors import DataError


def _save(path, packed=True, **variables):
    savemat(path, variables, do_compression=packed)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_cells_and_numbers_are_read_as_they_were_written(tmp_path, packed):
    cells = np.array([["one.jpg"], ["two.jpg"]], dtype=object)
    file = _save(tmp_path / "a.mat", packed, names=cells, ids=np.array([[4], [5]]), other=np.eye(3))
    found = read_matlab(file, ["ids", "names"])
    assert list(found) == ["ids", "names"]
    assert found["ids"].tolist() == [[4], [5]]
    assert [cell.item() for cell in found["names"].ravel()] == ["one.jpg", "two.jpg"]


def test_an_element_that_grows_beyond_the_limit_is_refused(tmp_path):
    file = _save(tmp_path / "bomb.mat", zeros=np.zeros((1000, 1000)))
    assert file.stat().st_size < 20_000
    with pytest.raises(DataError, match=r"bomb\.mat: unpacked it holds more than 1,000,000 bytes"):
        read_matlab(file, ["zeros"], max_bytes=1_000_000)
    assert read_matlab(file, ["zeros"], max_bytes=9_000_000)["zeros"].shape == (1000, 1000)


def test_many_elements_share_one_limit(tmp_path):
    file = _save(tmp_path / "many.mat", **{f"v{number}": np.zeros((100, 100)) for number in range(20)})
    with pytest.raises(DataError, match="unpacked it holds more"):
        read_matlab(file, ["v0"], max_bytes=1_000_000)


def test_a_large_file_is_refused_before_it_is_read(tmp_path):
    file = _save(tmp_path / "large.mat", False, ones=np.ones((100, 100)))
    with pytest.raises(DataError, match=r"it holds more than 1,000 bytes"):
        read_matlab(file, ["ones"], max_bytes=1000)


@pytest.mark.parametrize("cut", [0, 50, 130, 200, -1])
def test_a_file_that_is_cut_short_is_refused(tmp_path, cut):
    file = _save(tmp_path / "a.mat", ids=np.arange(1000))
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(DataError, match=r"a\.mat: it (is no MATLAB file, or a damaged one|holds no variable)"):
        read_matlab(file, ["ids"])


def test_a_missing_file_variable_or_older_format_is_named(tmp_path):
    with pytest.raises(DataError, match="cannot be opened"):
        read_matlab(tmp_path / "nowhere.mat", ["ids"])
    with pytest.raises(DataError, match="it holds no variable 'ids'"):
        read_matlab(_save(tmp_path / "a.mat", labels=np.arange(3)), ["ids"])
    (tmp_path / "b.mat").write_bytes(b"MATLAB 7.3 MAT-file".ljust(512) + b"\x89HDF\r\n\x1a\n")
    with pytest.raises(DataError, match=r"7\.3.*-v7"):
        read_matlab(tmp_path / "b.mat", ["ids"])


def _matrix(shape, sizes=8):
    """An unpacked file with one 1 x 1 matrix of doubles that claims another shape, or other bytes."""
    flags = struct.pack("<IIII", 6, 8, 6, 0)
    sides = struct.pack(f"<II{len(shape)}i", 5, 4 * len(shape), *shape) + b"\0" * (-4 * len(shape) % 8)
    body = flags + sides + struct.pack("<HH4s", 1, 3, b"ids\0") + struct.pack("<IId", 9, sizes, 1.0)
    return b"MATLAB 5.0".ljust(124) + struct.pack("<HH", 0x0100, 0x4D49) + struct.pack("<II", 14, len(body)) + body


def test_claims_beyond_the_file_are_refused_before_memory_is_taken(tmp_path):
    file = tmp_path / "a.mat"
    file.write_bytes(_matrix((1, 1)))
    assert read_matlab(file, ["ids"])["ids"].tolist() == [[1.0]]
    file.write_bytes(_matrix((1, 1), sizes=0xF0000000))
    with pytest.raises(DataError, match=r"an element claims 4,026,531,840 bytes, more than there are"):
        read_matlab(file, ["ids"])
    for shape in ((1, 2**31 - 1), (2**15, 2**16), (-1, 1)):
        file.write_bytes(_matrix(shape))
        with pytest.raises(DataError, match=r"an array claims the shape"):
            read_matlab(file, ["ids"])


def test_arrays_that_stand_in_each_other_without_end_are_refused(tmp_path):
    nested = np.array([[1.0]])
    for _ in range(12):
        cell = np.empty((1, 1), dtype=object)
        cell[0, 0] = nested
        nested = cell
    with pytest.raises(DataError, match="too deep"):
        read_matlab(_save(tmp_path / "deep.mat", ids=nested), ["ids"])


def _structure(values):
    """An unpacked file with a structure of one field in a cell."""
    buffer = io.BytesIO()
    savemat(buffer, {"ids": np.array([[{"name": values}]], dtype=object)})
    return bytearray(buffer.getvalue())


@pytest.mark.parametrize(
    ("values", "old", "new", "problem"),
    [
        # A complex number whose imaginary part is the next array: scipy reads its tag as numbers, and crashes.
        (40.0, struct.pack("<III", 6, 8, 6), struct.pack("<III", 6, 8, 6 | 1 << 11), "class 6 holds other elements"),
        # A name of which its shape has eaten the tag, so that the text is taken for the name and none is left.
        ("12345", struct.pack("<III", 5, 8, 1), struct.pack("<III", 5, 12, 1), "class 4 holds other elements"),
        (40.0, struct.pack("<III", 6, 8, 6), struct.pack("<III", 6, 8, 17), "class 17 holds other elements"),
        (40.0, struct.pack("<III", 6, 8, 6), struct.pack("<III", 6, 8, 1), "class 1 holds other elements"),
        (40.0, struct.pack("<III", 6, 8, 6), struct.pack("<III", 6, 8, 2), "a structure does not name its fields"),
        (40.0, struct.pack("<III", 6, 8, 6), struct.pack("<III", 7, 8, 6), "does not begin with flags"),
        (40.0, struct.pack("<HHI", 5, 4, 5), struct.pack("<HHI", 5, 4, 0), "claims names of 0 bytes"),
        (40.0, struct.pack("<II", 14, 56), struct.pack("<II", 9, 56), "class 2 holds other elements"),
    ],
)
def test_an_array_that_holds_what_its_class_has_not_is_refused(tmp_path, values, old, new, problem):
    file, content = tmp_path / "a.mat", _structure(values)
    file.write_bytes(content)
    assert read_matlab(file, ["ids"])["ids"].item()["name"].item() == values
    place = content.rindex(old)
    content[place : place + len(new)] = new
    file.write_bytes(content)
    with pytest.raises(DataError, match=problem):
        read_matlab(file, ["ids"])


def test_an_element_that_is_no_array_is_refused(tmp_path):
    (tmp_path / "a.mat").write_bytes(_matrix((1, 1)) + struct.pack("<IId", 9, 8, 1.0))
    with pytest.raises(DataError, match="an element of kind 9 stands where a matrix should"):
        read_matlab(tmp_path / "a.mat", ["ids"])


def test_the_official_lists_are_read(shared):
    file = shared / "data/detect/wider_ground_truth/wider_easy_val.mat"
    assert read_matlab(file, ["gt_list"])["gt_list"].shape == (61, 1)
