"""Templates of a gallery against a loop over people."""

import numpy as np

from foveate.data.identification_set import DISTRACTOR
from foveate.evaluate.at_rates import at_rates
from foveate.evaluate.identification import identify
from foveate.evaluate.templates import templates


def test_a_template_is_the_mean_of_unit_embeddings_and_distractors_stay_alone():
    random = np.random.default_rng(0)
    embeddings = random.normal(size=(9, 4)).astype(np.float32) * random.uniform(0.1, 9, (9, 1)).astype(np.float32)
    embeddings[8] = 0
    labels = np.array([7, 3, DISTRACTOR, 7, 3, 7, DISTRACTOR, 1, 1])
    found, people = templates(embeddings, labels)
    assert people.tolist() == [1, 3, 7, DISTRACTOR, DISTRACTOR]
    unit = [each / max(np.linalg.norm(each), 1e-12) for each in embeddings.astype(np.float64)]
    for person, template in zip((1, 3, 7), found[:3], strict=True):
        expected = sum(unit[place] for place in range(9) if labels[place] == person) / (labels == person).sum()
        np.testing.assert_allclose(template, expected, atol=1e-6)
    np.testing.assert_allclose(found[3:], [unit[2], unit[6]], atol=1e-6)


def test_many_images_of_one_stranger_are_one_template_ahead_of_the_mate():
    stranger, mate = np.array([1.0, 0.1]), np.array([1.0, 0.5])
    gallery = np.stack([*[stranger] * 30, mate]).astype(np.float32)
    labels, probe = np.array([*[1] * 30, 2]), np.array([[1.0, 0.0]], dtype=np.float32)
    assert identify(probe, gallery, np.array([2]), labels).rank.tolist() == [31]
    means, people = templates(gallery, labels)
    assert identify(probe, means, np.array([2]), people).rank.tolist() == [2]


def test_rates_are_told_in_percent():
    assert at_rates("TAR", {"0.1": 0.6125, "0.001": 0.0}, "FAR") == "TAR 61.25 / 0 % at FAR 10 / 0.1 %"
