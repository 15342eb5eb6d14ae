"""Faces and maps are checked before they are drawn."""

import numpy as np
import pytest

from foveate.errors import DataError
from foveate.report.looks import read_looks


def test_the_teacher_sees_sharp_faces_and_students_the_degraded_ones(looks):
    found = read_looks(looks)
    assert [look.label for look in found.networks] == ["Teacher (1x)", "A-SKD"]
    assert np.array_equal(found.networks[0].faces, found.high)
    assert np.array_equal(found.networks[1].faces, found.low)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone.npz"):
        read_looks(tmp_path / "gone.npz")


def test_a_truncated_file_is_refused(looks):
    looks.write_bytes(looks.read_bytes()[:-200])
    with pytest.raises(DataError, match=r"looks.npz: the faces and maps cannot be read"):
        read_looks(looks)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("low", np.zeros((2, 16, 8, 3), np.uint8), "not the same faces"),
        ("high", np.zeros((2, 16, 16, 3), np.float32), "not the same faces"),
        ("spatial_1", np.zeros((1, 4, 4), np.float32), "record askd: .*not one finite map"),
        ("spatial_0", np.full((2, 4, 4), np.nan, np.float32), "record teacher: .*not one finite map"),
        ("models", np.array(["teacher", "askd", "kd"]), "spatial_2"),
        ("models", np.array([{"code": 1}], dtype=object), "cannot be read"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(looks, name, value, message):
    with np.load(looks) as arrays:
        content = dict(arrays)
    np.savez(looks, **{**content, name: value})
    with pytest.raises(DataError, match=message):
        read_looks(looks)
