"""Colours that can be read and told apart."""

import dataclasses

import pytest
from matplotlib.colors import to_rgb

from foveate.plots.theme import DARK, LIGHT, lettering


def luminance(colour):
    """Relative luminance of WCAG 2.1."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    low, high = sorted([luminance(one), luminance(other)])
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_and_marks_stand_out_from_the_paper(theme):
    assert min(contrast(theme.paper, text) for text in (theme.ink, theme.quiet)) >= 4.5  # WCAG AA for text
    assert min(contrast(theme.paper, colour) for colour in theme.colours) >= 3  # and for graphics


def test_no_two_recipes_share_colour_and_marker():
    names = ("teacher", "base", "askd", "askd_kd", *(f"method{number}" for number in range(20)))
    theme = dataclasses.replace(LIGHT, others=names)
    assert len({theme.mark(name) for name in names}) == len(names)


def test_a_recipe_keeps_its_colour_whatever_else_is_drawn():
    assert dataclasses.replace(LIGHT, others=("new", "base")).mark("askd") == LIGHT.mark("askd")


def test_lettering_is_drawn_as_written_and_never_too_wide():
    assert lettering("costs $5 and $6") == r"costs \$5 and \$6"
    lines = lettering("_hidden " + "very long name " * 20, 20).splitlines()
    assert len(lines) == 4
    assert max(map(len, lines)) <= 21
    assert lines[0].startswith(" _hidden")
