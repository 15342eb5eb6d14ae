"""Counting without sorting gives what float64 and a plain loop give, ties and near ties included."""

import numpy as np
import pytest
import torch

from foveate.evaluate import search as module
from foveate.evaluate.search import search


def _unit(vectors):
    """Float32, as the scores are defined, held in float64."""
    return module._unit(vectors).astype(np.float64)


def _naive(probes, gallery, probe, mate):
    """One couple after the other, one stranger after the other."""
    ours, theirs = _unit(probes), _unit(gallery)
    own = {row: {int(other) for same, other in zip(probe, mate, strict=True) if same == row} for row in probe}
    score = [float(sum(ours[row] * theirs[column])) for row, column in zip(probe, mate, strict=True)]
    ahead = [
        sum(sum(ours[row] * theirs[other]) >= mine for other in range(len(gallery)) if other not in own[row])
        for row, mine in zip(probe, score, strict=True)
    ]
    strangers = [
        [sum(a * b) for other, b in enumerate(theirs) if other not in own.get(row, ())] for row, a in enumerate(ours)
    ]
    return score, ahead, [max(found, default=-np.inf) for found in strangers]


@pytest.fixture(params=[(512, 4096), (2, 3), (1, 1)])
def blocks(request, monkeypatch):
    """The usual blocks, and small ones that cut every set into many."""
    probes, gallery = request.param
    monkeypatch.setattr(module, "_PROBES", probes)
    monkeypatch.setattr(module, "_GALLERY", gallery)
    monkeypatch.setattr(module, "_AT_ONCE", 2 * gallery)


def _couples(random, probes, gallery):
    """Between none and four mates for each probe, in no order."""
    couples = [(row, int(column)) for row in range(probes) for column in random.permutation(gallery)[: row % 5]]
    random.shuffle(couples)
    probe, mate = np.array(couples).T
    return probe.copy(), mate.copy()


def test_strangers_are_counted_as_a_plain_loop_counts_them(blocks):
    random = np.random.default_rng(0)
    probes, gallery = random.normal(size=(7, 6)).astype(np.float32), 3 * random.normal(size=(25, 6)).astype(np.float32)
    probe, mate = _couples(random, 7, 25)
    found = search(probes, gallery, probe, mate)
    score, ahead, stranger = _naive(probes, gallery, probe, mate)
    assert found.ahead.tolist() == ahead
    np.testing.assert_allclose(found.score, score, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.stranger, stranger, rtol=0, atol=1e-14)


@pytest.mark.parametrize("size", [5, 33, 512])
def test_equal_faces_stand_before_the_mate_wherever_they_are(blocks, size):
    random = np.random.default_rng(1)
    face, others = random.normal(size=(1, size)), random.normal(size=(4, size))
    gallery = np.concatenate([face, others, face, face * 4, others, face, face]).astype(np.float32)
    twins = [0, 5, 6, 11, 12]
    probes = np.concatenate([random.normal(size=(3, size)), face + random.normal(size=(1, size))]).astype(np.float32)
    for mate in twins:
        found = search(probes, gallery, np.array([3]), np.array([mate]))
        assert found.ahead.tolist() == [len(twins) - 1]
        assert found.stranger[3] == found.score[0]


def test_a_network_that_says_the_same_of_every_face_finds_nobody(blocks):
    found = search(np.ones((3, 5)), np.ones((9, 5)), np.array([0, 1, 2, 2]), np.array([0, 1, 2, 3]))
    assert found.ahead.tolist() == [8, 8, 7, 7]


def test_scores_too_close_for_float32_are_told_apart(blocks):
    """Faces that differ by less than float32's sum can tell: every one of them is summed again."""
    random = np.random.default_rng(2)
    probe = random.normal(size=(1, 64)).astype(np.float32)
    gallery = (probe + 3e-6 * random.normal(size=(40, 64))).astype(np.float32)
    probe, mates = np.repeat(probe, 3, axis=0), np.array([4, 17, 30])
    found = search(probe, gallery, np.arange(3), mates)
    _, ahead, _ = _naive(probe, gallery, np.arange(3), mates)
    assert found.ahead.tolist() == ahead
    single = _unit(gallery).astype(np.float32) @ _unit(probe[:1]).astype(np.float32)[0]
    plain = [int((single >= single[mate]).sum()) - 1 for mate in mates]
    assert plain != ahead, "float32 alone would do, so this test shows nothing"


def test_the_precision_that_pytorch_is_set_to_changes_nothing():
    random = np.random.default_rng(4)
    probes, gallery = random.normal(size=(4, 32)), random.normal(size=(300, 32))
    couples = np.arange(4), np.arange(4) * 7
    expected = search(probes, gallery, *couples).ahead.tolist()
    try:
        torch.set_float32_matmul_precision("medium")
        with torch.autocast("cpu", torch.bfloat16):
            assert search(probes, gallery, *couples).ahead.tolist() == expected
    finally:
        torch.set_float32_matmul_precision("highest")


def test_mates_of_a_probe_are_no_strangers_to_it_but_to_others():
    gallery = np.eye(3)
    found = search(np.array([[3.0, 2.0, 1.0], [1.0, 2.0, 3.0]]), gallery, np.array([0, 0, 1]), np.array([0, 2, 1]))
    assert found.ahead.tolist() == [0, 1, 1]
    np.testing.assert_allclose(found.stranger, np.array([2, 3]) / np.sqrt(14), atol=1e-7)


def test_without_strangers_nobody_is_ahead():
    found = search(np.ones((1, 2)), np.eye(2), np.array([0, 0]), np.array([0, 1]))
    assert found.ahead.tolist() == [0, 0]
    assert found.stranger.tolist() == [-np.inf]


def test_unit_vectors_have_length_1_and_the_direction_they_had():
    vectors = np.random.default_rng(3).normal(size=(4, 6)) * np.array([[1e-3], [1], [10], [1e5]])
    expected = vectors / np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(_unit(vectors), expected, rtol=0, atol=2e-7)


def test_a_face_of_zeros_has_the_score_zero_with_everybody():
    found = search(np.array([[0.0, 0.0], [1.0, 0.0]]), np.eye(2), np.array([0, 1]), np.array([0, 0]))
    assert found.score.tolist() == [0.0, 1.0]
    assert found.ahead.tolist() == [1, 0]
