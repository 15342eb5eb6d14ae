"""What --vary says is read: ranges of numbers, even or logarithmic, and choices."""

import pytest

from foveate.errors import RecipeError
from foveate.search.vary import Vary


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("weight=0.5:50:log", Vary("weight", 0.5, 50.0, log=True)),
        ("margin=0.2:0.6", Vary("margin", 0.2, 0.6)),
        ("epochs=5:20", Vary("epochs", 5, 20)),
        ("epochs=1:20:log", Vary("epochs", 1, 20, log=True)),
        ("shift=-2.5:1e1", Vary("shift", -2.5, 10.0)),
        ("kinds=both,spatial", Vary("kinds", choices=("both", "spatial"))),
        ("ratio=2,4,8", Vary("ratio", choices=("2", "4", "8"))),
        ("--learning_rate=0.02:0.2", Vary("learning-rate", 0.02, 0.2)),
    ],
)
def test_ranges_and_choices_are_read_and_written_alike(text, read):
    assert Vary.read(text) == read
    assert Vary.read(read.text) == read
    assert all(type(end) is type(read.ends[0]) for end in Vary.read(text).ends)


def test_a_range_is_whole_only_where_both_ends_are():
    assert Vary.read("weight=1:50.0").ends == (1.0, 50.0)
    assert [type(end) for end in Vary.read("weight=1:50.0").ends] == [float, float]
    assert [type(end) for end in Vary.read("weight=1:50").ends] == [int, int]


@pytest.mark.parametrize(
    "text",
    [
        "weight",
        "=1:2",
        "a weight=1:2",
        "weight=",
        "weight=5",
        "weight=1:2:linear",
        "weight=1:2:3",
        "weight=2:1",
        "weight=1:1",
        "weight=0:1:log",
        "weight=-1.0:1:log",
        "weight=one:2",
        "weight=0:inf",
        "weight=nan:1",
        "kinds=both,",
        "kinds=both,both",
    ],
)
def test_what_is_neither_is_refused_with_an_example(text):
    with pytest.raises(RecipeError, match=r"weight=0\.5:50:log"):
        Vary.read(text)
