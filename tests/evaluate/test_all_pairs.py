"""Every two images of a set are scored once, by the cosine of their embeddings."""

import itertools

import numpy as np
import pytest

from foveate.data.pairs import VerificationPairs
from foveate.evaluate import all_pairs as module
from foveate.evaluate.all_pairs import BINS, all_pairs, people_of
from foveate.evaluate.roc import roc


def _set(people, pairs, same, fold):
    left, right = np.array(pairs).T
    return VerificationPairs("set", [b""] * 12, left, right, np.array(same), np.array(fold), people)


@pytest.fixture
def embeddings():
    return np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)


def _naive(embeddings, same, different):
    """The curve of plain loops over the chosen couples of images."""
    scores, kinds = [], []
    for a, b in itertools.combinations(range(12), 2):
        if same(a, b) or different(a, b):
            cosine = embeddings[a] @ embeddings[b] / np.linalg.norm(embeddings[a]) / np.linalg.norm(embeddings[b])
            scores.append(np.floor((cosine + 1) * BINS / 2) / BINS * 2 - 1)
            kinds.append(same(a, b))
    return roc(np.array(scores), np.array(kinds)), sum(kinds), len(kinds) - sum(kinds)


@pytest.mark.parametrize("block", [5, 512])
def test_people_that_are_known_make_all_pairs(embeddings, block, monkeypatch):
    monkeypatch.setattr(module, "_BLOCK", block)
    people = np.arange(12) // 3
    found = all_pairs(embeddings, _set(people, [(0, 1), (0, 3)], [True, False], [0, 0]))
    curve, same, different = _naive(embeddings, lambda a, b: a // 3 == b // 3, lambda a, b: a // 3 != b // 3)
    assert (found.same, found.different) == (same, different) == (12, 54)
    assert found.curve.auc == pytest.approx(curve.auc, abs=1e-3)
    for rate in (0.1, 0.5):
        assert found.curve.true_accept_at(rate)[0] == pytest.approx(curve.true_accept_at(rate)[0])


def test_people_that_are_not_known_are_told_apart_by_folds_and_joined_by_same_pairs(embeddings):
    pairs = [(0, 1), (1, 2), (3, 4), (0, 5), (6, 7), (8, 9), (6, 10), (9, 11)]
    chosen = _set(None, pairs, [True, True, True, False, True, True, False, False], [0, 0, 0, 0, 1, 1, 1, 1])
    joined = [{0, 1, 2}, {3, 4}, {6, 7}, {8, 9}]
    found = all_pairs(embeddings, chosen)
    curve, same, different = _naive(
        embeddings, lambda a, b: any({a, b} <= one for one in joined), lambda a, b: (a < 6) != (b < 6)
    )
    assert (found.same, found.different) == (same, different) == (6, 36)
    assert found.curve.auc == pytest.approx(curve.auc, abs=1e-3)
    people = people_of(chosen)
    assert {frozenset(np.flatnonzero(people == one)) for one in people} >= {frozenset(one) for one in joined}


def test_nobody_is_two_people_because_an_image_stands_in_two_folds(embeddings):
    pairs = [(0, 1), (2, 3), (4, 5), (0, 6), (7, 8), (9, 10)]
    chosen = _set(None, pairs, [True, True, False, True, True, False], [0, 0, 0, 1, 1, 1])
    joined, first, second = [{0, 1, 6}, {2, 3}, {7, 8}], {2, 3, 4, 5}, {7, 8, 9, 10}
    found = all_pairs(embeddings, chosen)
    curve, same, different = _naive(
        embeddings,
        lambda a, b: any({a, b} <= one for one in joined),
        lambda a, b: len({a, b} & first) == len({a, b} & second) == 1,
    )
    assert (found.same, found.different) == (same, different) == (5, 16)
    assert found.curve.auc == pytest.approx(curve.auc, abs=1e-3)


def test_a_set_without_one_kind_has_no_curve(embeddings):
    assert all_pairs(embeddings, _set(np.arange(12), [(0, 1)], [False], [0])) is None
    assert all_pairs(embeddings, _set(np.zeros(12, dtype=np.int64), [(0, 1)], [True], [0])) is None


def test_placements_add_up_to_the_area_and_are_those_of_plain_loops(embeddings):
    people = np.arange(12) // 3 + 5
    found = all_pairs(embeddings, _set(people, [(0, 1), (0, 3)], [True, False], [0, 0]))
    unit = embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True)
    score = np.floor((unit @ unit.T + 1) * BINS / 2)
    couples = list(itertools.combinations(range(12), 2))
    same = [(a, b) for a, b in couples if people[a] == people[b]]
    different = [(a, b) for a, b in couples if people[a] != people[b]]
    for person in range(4):
        own = [(a, b) for a, b in same if people[a] == person + 5]
        with_others = [(a, b) for a, b in different if person + 5 in (people[a], people[b])]
        above = [np.mean([score[one] > score[two] for two in different]) for one in own]
        below = [np.mean([score[one] > score[two] for one in same]) for two in with_others]
        assert found.placements.same[person] == pytest.approx(sum(above))
        assert found.placements.different[person] == pytest.approx(sum(below))
        assert found.placements.same_pairs[person] == len(own) == 3
        assert found.placements.different_pairs[person] == len(with_others) == 27
    assert found.placements.same.sum() / 12 == pytest.approx(found.curve.auc)
    assert found.placements.different.sum() / 2 / 54 == pytest.approx(found.curve.auc)
