"""Losses over training."""

import numpy as np
import pytest

from foveate.plots.curves import WINDOW, smooth, training_curves


def curve(label, recipe, **losses):
    return {"label": label, "recipe": recipe, "progress": [0.5, 1.0], "losses": losses}


def test_every_loss_has_a_panel_with_one_line_a_run():
    curves = [curve("Base", "base", arcface=[3.0, 1.0]) for _ in range(3)]
    curves.append(curve("A-SKD", "askd", arcface=[3.0, 2.0], askd=[0.5, None]))
    arcface, askd = training_curves(curves).axes
    assert (len(arcface.get_lines()), len(askd.get_lines())) == (4, 1)
    assert list(arcface.get_lines()[3].get_xdata()) == [50, 100]
    assert list(askd.get_lines()[0].get_ydata()) == [0.5]
    assert [axes.get_title(loc="left") for axes in (arcface, askd)] == ["ArcFace loss", "A-SKD loss"]


def test_variants_of_a_method_share_a_colour_and_differ_in_line():
    curves = [curve(label, "askd", askd=[1.0, 1.0]) for label in ("weight 1", "weight 5")]
    one, other = training_curves(curves).axes[0].get_lines()
    assert one.get_color() == other.get_color()
    assert one.get_linestyle() != other.get_linestyle()


def test_smoothing_is_the_mean_within_the_window():
    draw = np.random.default_rng(0)
    progress, values = np.sort(draw.random(80)), draw.normal(size=80)
    where, found = smooth(progress.tolist(), values.tolist())
    expected = [values[np.abs(progress - place) <= WINDOW / 2].mean() for place in progress]
    assert np.array_equal(where, progress)
    assert found == pytest.approx(expected)


def test_smoothing_nothing_gives_nothing():
    assert [len(part) for part in smooth([0.5], [None])] == [0, 0]


def test_a_run_that_logged_a_single_point_is_seen():
    curves = [{"label": "Base", "recipe": "base", "progress": [0.5], "losses": {"arcface": [3.0]}}]
    (line,) = training_curves(curves).axes[0].get_lines()
    assert line.get_marker() == "."


def test_a_long_run_is_a_line_without_dots():
    progress = [step / 10 for step in range(1, 11)]
    curves = [{"label": "Base", "recipe": "base", "progress": progress, "losses": {"arcface": [3.0] * 10}}]
    (line,) = training_curves(curves).axes[0].get_lines()
    assert line.get_marker() in ("", "None")
    assert line.get_linestyle() == "-"
