"""Names and numbers as people read them."""

import shlex

import pytest

from foveate.report.words import command, decimal, duration, enumeration, percent, seeds, view_name


@pytest.mark.parametrize(
    ("title", "size", "name"),
    [
        ("sharp", 112, "1x (sharp)"),
        ("paper 14px", 112, "8x (14\u00a0px)"),
        ("paper 20px", 112, "5.6x (20\u00a0px)"),
        ("released 28px", 112, "4x (28\u00a0px, released)"),
        ("paper 14px", None, "paper 14px"),
        ("mixed of sharp, paper 14px", 112, "mixed of sharp, paper 14px"),
    ],
)
def test_degradations_are_named_by_their_ratio(title, size, name):
    assert view_name(title, size) == name


def test_the_command_repeats_every_argument_and_is_quoted_for_a_shell():
    card = {
        "recipe": "askd",
        "seed": 3,
        "precision": "bf16",
        "arguments": {
            "data": "my faces; rm -rf ~",
            "scale": {"learning_rate": 0.1, "deformable": [], "warmup": 0.0},
            "ratio": [2, 8],
            "side": [],
            "fast": False,
            "limit": None,
        },
        "teacher_cache": "float16",
    }
    assert shlex.split(command(card)) == [
        *("foveate", "train", "askd", "--data", "my faces; rm -rf ~", "--learning-rate", "0.1", "--deformable"),
        *("--warmup", "0.0"),
        *("--ratio", "2", "8", "--no-fast", "--seed", "3", "--precision", "bf16", "--cache", "cache"),
    ]


def test_numbers_that_are_not_there_are_a_dash():
    assert [percent(None), decimal(None), duration(None)] == ["\N{EN DASH}"] * 3


def test_durations_take_the_unit_that_fits():
    assert [duration(seconds) for seconds in (42.0, 600.0, 9000.0)] == ["42 s", "10 min", "2.5 h"]


def test_neighbouring_seeds_are_drawn_together():
    assert seeds([3]) == "seed 3"
    assert seeds([0, 1, 2, 5, 6, 9]) == "0\N{EN DASH}2, 5, 6, 9"


def test_lists_read_as_english():
    assert [enumeration(list(letters)) for letters in ("a", "ab", "abc")] == ["a", "a and b", "a, b and c"]
