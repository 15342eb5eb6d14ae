"""Labels as a list states them become numbers."""

from pathlib import Path

import numpy as np
import pytest

from foveate.data.class_names import number_classes
from foveate.errors import DataError

FILE = Path("list")


@pytest.mark.parametrize(
    ("stated", "labels", "classes"),
    [
        (["10", "9", "10"], [1, 0, 1], ("9", "10")),
        (["07", "7", "0"], [1, 1, 0], ("0", "7")),
        (["10", "9", "b", "9"], [0, 1, 2, 1], ("10", "9", "b")),
        (["9" * 30, "8"], [1, 0], ("8", "9" * 30)),
    ],
)
def test_whole_numbers_stand_in_numeric_order_and_all_else_by_name(stated, labels, classes):
    for given in (stated, np.array(stated)):
        numbers, names = number_classes(given, file=FILE)
        assert (numbers.tolist(), names) == (labels, classes)
        assert numbers.dtype == np.int64


@pytest.mark.parametrize(("stated", "problem"), [([], "there are no images"), (["a", "a"], "one class only, a")])
def test_fewer_than_two_classes_are_refused(stated, problem):
    with pytest.raises(DataError, match=f"list: .*{problem}"):
        number_classes(stated, file=FILE)
