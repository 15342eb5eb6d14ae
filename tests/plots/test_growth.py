"""Costs are drawn where they belong, with their ranges."""

import pytest

from foveate.plots.growth import growth


def test_every_way_is_a_line_with_its_ranges():
    lines = {"all": [(10.0, 1.0, 0.5, 2.0), (100.0, 10.0, 9.0, 11.0)], "a sample": [(10.0, 0.5, 0.4, 0.6)]}
    (axes,) = growth(lines, across="classes", cost="seconds").axes
    drawn = {line.get_label(): line for line in axes.get_lines()}
    assert list(drawn["all"].get_xdata()) == [10, 100]
    assert list(drawn["all"].get_ydata()) == [1.0, 10.0]
    assert list(drawn["a sample"].get_ydata()) == [0.5]
    ranges = [path.vertices[:, 1].tolist() for group in axes.collections for path in group.get_paths()]
    assert ranges == [[0.5, 2.0], [9.0, 11.0], pytest.approx([0.4, 0.6])]
    assert axes.get_xscale() == axes.get_yscale() == "log"
