"""Attention maps laid over faces."""

import numpy as np
from matplotlib import colormaps

from foveate.plots.attention import Look, attention_figure, overlay
from foveate.plots.faces import degraded_faces

FACES = np.random.default_rng(0).integers(0, 256, (3, 8, 8, 3)).astype(np.uint8)


def test_the_least_attention_is_blue_and_the_most_red_whatever_the_range():
    face = np.zeros((4, 4, 3), np.uint8)
    attention = np.array([[0.50, 0.51], [0.51, 0.52]], np.float32)
    found = overlay(face, attention)
    jet = np.rint(127.5 * np.array([colormaps["jet"](0.0)[:3], colormaps["jet"](1.0)[:3]]))
    assert np.array_equal(found[0, 0], jet[0])
    assert np.array_equal(found[-1, -1], jet[1])
    assert np.array_equal(found, overlay(face, 100 * attention - 7))


def test_a_map_is_enlarged_bilinearly():
    found = overlay(np.zeros((1, 4, 3), np.uint8), np.array([[0.0, 1.0]], np.float32))
    expected = 127.5 * colormaps["jet"](np.array([0.0, 0.25, 0.75, 1.0]))[:, :3]
    assert np.abs(found[0] - expected).max() <= 0.5


def test_a_constant_map_prefers_no_place():
    found = overlay(np.zeros((4, 4, 3), np.uint8), np.full((2, 2), 0.7, np.float32))
    assert len(np.unique(found.reshape(-1, 3), axis=0)) == 1


def test_rows_are_sharp_degraded_and_one_a_network_and_columns_are_faces():
    looks = [Look(name, FACES, np.random.default_rng(1).random((3, 2, 2), np.float32)) for name in ("Teacher", "A-SKD")]
    figure = attention_figure(FACES, FACES // 2, looks, most=2)
    assert [text.get_text() for text in figure.texts] == ["Sharp face", "Degraded face", "Teacher", "A-SKD"]
    shown = [axes.get_images()[0].get_array() for axes in figure.axes]
    assert len(shown) == 4 * 2
    assert np.array_equal(shown[1], FACES[1])
    assert np.array_equal(shown[3], FACES[1] // 2)
    assert np.array_equal(shown[5], overlay(FACES[1], looks[0].maps[1]))


def test_degraded_faces_stand_below_the_sharp_ones():
    figure = degraded_faces(FACES, FACES // 2, most=2)
    sharp, _, low, _ = figure.axes
    assert np.array_equal(sharp.get_images()[0].get_array(), FACES[0])
    assert np.array_equal(low.get_images()[0].get_array(), FACES[0] // 2)
    assert sharp.get_position().y0 > low.get_position().y0
