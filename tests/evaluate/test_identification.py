"""Closed-set identification against a loop over the sorted gallery, as the official script goes through it."""

import numpy as np
import pytest

from foveate.data.identification_set import DISTRACTOR
from foveate.errors import DataError
from foveate.evaluate.identification import identify


def _official(probe, gallery, mates):
    """First rank and average precision of one probe, from the Euclidean distances, rank by rank."""
    distance = [float(np.sqrt(((probe - face) ** 2).sum())) for face in gallery]
    order = sorted(range(len(gallery)), key=lambda place: (distance[place], place in mates))
    ranks, area, recall, precision, hits = [], 0.0, 0.0, 1.0, 0
    for position, place in enumerate(order, start=1):
        if place in mates:
            hits += 1
            ranks.append(position)
        area += (hits / len(mates) - recall) * (precision + hits / position) / 2
        recall, precision = hits / len(mates), hits / position
        if hits == len(mates):
            break
    return ranks[0], area


def _of_ranks(ranks, faces):
    """Identification of one probe whose mates stand at these ranks among so many faces."""
    angle = np.linspace(0.1, 1.4, faces)
    gallery = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    labels = np.where(np.isin(np.arange(1, faces + 1), ranks), 1, DISTRACTOR)
    return identify(np.array([[1.0, 0.0]]), gallery, np.array([1]), labels)


@pytest.mark.parametrize(
    ("ranks", "area"),
    [([2, 4], 1 / 3), ([1], 1.0), ([1, 2, 3], 1.0), ([5], 0.1), ([1, 3], (1 + (1 / 2 + 2 / 3) / 2) / 2)],
)
def test_average_precision_follows_the_trapezoids_of_the_official_script(ranks, area):
    found = _of_ranks(ranks, faces=6)
    assert found.rank.tolist() == [ranks[0]]
    assert found.average_precision[0] == pytest.approx(area)
    assert found.mean_average_precision == found.average_precision[0]


def test_ranks_and_precisions_are_those_of_the_sorted_distances():
    random = np.random.default_rng(0)
    people = random.normal(size=(6, 5))
    probe_labels, gallery_labels = random.integers(0, 6, 15), random.integers(0, 6, 20)
    gallery_labels[:6] = np.arange(6)
    probes = people[probe_labels] + random.normal(size=(15, 5))
    known = people[gallery_labels] + random.normal(size=(20, 5))
    gallery = np.concatenate([known, random.normal(size=(30, 5))])
    labels = np.concatenate([gallery_labels, np.full(30, DISTRACTOR)])
    found = identify(probes, gallery, probe_labels, labels)
    unit = [item / np.linalg.norm(item, axis=1, keepdims=True) for item in (probes, gallery)]
    expected = [
        _official(one, unit[1], {*np.flatnonzero(labels == label)})
        for one, label in zip(unit[0], probe_labels, strict=True)
    ]
    assert len({rank for rank, _ in expected}) > 3
    assert found.rank.tolist() == [rank for rank, _ in expected]
    np.testing.assert_allclose(found.average_precision, [area for _, area in expected], rtol=1e-12)
    for rank in (1, 5, 50):
        assert found.found_at(rank) == np.mean([first <= rank for first, _ in expected])


def test_any_face_of_the_person_counts_as_found():
    assert _of_ranks([3, 6], faces=8).found_at(2) == 0.0
    assert _of_ranks([3, 6], faces=8).found_at(3) == 1.0


def test_of_equal_scores_the_stranger_comes_first():
    found = identify(np.ones((1, 2)), np.ones((4, 2)), np.array([1]), np.array([1, DISTRACTOR, 2, 1]))
    assert found.rank.tolist() == [3]
    assert found.stranger_score[0] == found.mate_score[0]


def test_a_probe_without_mate_counts_in_no_share():
    gallery = np.eye(3)
    found = identify(gallery, gallery, np.array([1, 2, 7]), np.array([1, 3, 2]))
    assert found.mated.tolist() == [True, True, False]
    assert found.rank.tolist() == [1, 3, 0]  # the mate of the second probe has the score 0, as one stranger has
    assert found.found_at(1) == 0.5
    assert np.isnan(found.mate_score[2])
    assert np.isnan(found.average_precision[2])
    assert found.mean_average_precision == pytest.approx((1 + found.average_precision[1]) / 2)
    assert found.stranger_score.tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"probes": np.full((2, 3), np.nan)}, "record probe 0: 2 of 2 embeddings are not finite"),
        ({"gallery": np.array([[0.0, 0, 0], [np.inf, -np.inf, 0]])}, "record gallery face 1: 1 of 2 embeddings"),
        ({"probe_labels": np.array([1, DISTRACTOR])}, "record probe 1: the label -100 is a distractor's"),
        ({"probe_labels": np.array([8, 9])}, "no probe has a mate"),
    ],
)
def test_what_cannot_be_judged_is_refused(change, problem):
    given = {"probes": np.ones((2, 3)), "gallery": np.ones((2, 3))}
    labels = {"probe_labels": np.array([1, 2]), "gallery_labels": np.array([1, DISTRACTOR])}
    with pytest.raises(DataError, match=problem):
        identify(**{**given, **labels, **change})
