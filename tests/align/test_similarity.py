"""The similarity against the golden matrices, and against a linear least-squares solver."""

import json

import numpy as np
import pytest

from foveate.align.similarity import similarity
from foveate.align.template import template
from foveate.errors import DataError, RecipeError


@pytest.mark.parametrize("detector", ["mtcnn", "yunet"])
def test_the_golden_matrices_are_met(golden, detector):
    known = json.loads((golden / "alignment/landmarks.json").read_text())
    for name, each in known.items():
        found = similarity(np.array(each[detector]["points"]), template())
        assert np.abs(found - each[detector]["matrix"]).max() < 1e-4, name


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_least_squares_solution(seed):
    """With a = s cos t and b = s sin t the equations are linear: x' = a x - b y + c, y' = b x + a y + d."""
    points, onto = np.random.default_rng(seed).normal(size=(2, 5, 2)) * 30
    onto = points * 0.5 + onto * 0.2
    rows, values = [], []
    for (x, y), (u, v) in zip(points, onto, strict=True):
        rows += [[x, -y, 1, 0], [y, x, 0, 1]]
        values += [u, v]
    a, b, c, d = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
    assert np.allclose(similarity(points, onto), [[a, -b, c], [b, a, d]])


def test_a_similarity_is_found_again():
    points, angle = np.random.default_rng(0).normal(size=(5, 2)), 0.7
    linear = 2.5 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    found = similarity(points, points @ linear.T + [3, -4])
    assert np.allclose(found, np.column_stack([linear, [3, -4]]))


def test_nothing_is_mirrored():
    mirrored = template() * [-1, 1]
    linear = similarity(mirrored, template())[:, :2]
    assert np.linalg.det(linear) > 0
    assert np.allclose(linear @ linear.T, np.eye(2) * np.linalg.det(linear))


@pytest.mark.parametrize("points", [np.full((5, 2), 7.0), np.full((5, 2), np.nan)])
def test_points_that_coincide_or_are_no_numbers_are_refused(points):
    with pytest.raises(DataError, match="coincide"):
        similarity(points, template())


def test_the_template_grows_with_the_crop():
    assert template(112)[0].tolist() == [38.2946, 51.6963]
    assert np.allclose(template(224), 2 * template())
    assert np.allclose(template(128), template() + np.array([8, 0]))
    assert np.allclose(template(256), 2 * (template() + np.array([8, 0])))
    for size in (0, -112, 96, 160):
        with pytest.raises(RecipeError, match="no template"):
            template(size)
