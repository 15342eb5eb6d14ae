"""Two detectors on the same photos: average precision of resamples, and intervals that hold the difference."""

import numpy as np
import pytest

from foveate.data.detections import Detections
from foveate.errors import DataError
from foveate.evaluate.detection import Found, found_in
from foveate.evaluate.paired_detection import compare_precisions, precisions


def _run(seed, skill, photos=40):
    """Photos with faces on a grid, each found with a probability, and false alarms; level 1 has every second face."""
    random, parts = np.random.default_rng([seed, int(1000 * skill)]), []
    for photo in range(photos):
        count = 1 + photo % 4
        corner = np.arange(count)[:, None] * 40.0 + np.zeros(2)
        faces = np.concatenate([corner, corner + 20], axis=1)
        found = faces[random.random(count) < skill]
        alarms = random.uniform(500, 600, (random.poisson(1.5), 2))
        boxes = np.concatenate([found, np.concatenate([alarms, alarms + 20], axis=1)])
        scores = np.concatenate([random.normal(2 * skill, 1, len(found)), random.normal(0, 1, len(alarms))])
        counts = np.stack([np.ones(count, dtype=bool), np.arange(count) % 2 == 0])
        parts.append(found_in(Detections(boxes, scores), faces, counts))
    return parts


def test_a_resample_is_the_average_precision_of_its_photos_one_by_one():
    parts = _run(0, 0.7, photos=6)
    times = np.array([[1, 1, 1, 1, 1, 1], [2, 0, 1, 0, 3, 0], [0, 0, 0, 0, 0, 6]])
    for level in (0, 1):
        found = precisions([Found.of(parts)], level, times.astype(float))
        for row, counts in zip(found, times, strict=True):
            drawn = [part for part, count in zip(parts, counts, strict=True) for _ in range(count)]
            # Of equal scores the order does not matter where photos are copies: ties are hits or misses alike.
            assert row[0] == pytest.approx(_with_ties(Found.of(drawn), level), abs=1e-12)


def _with_ties(found, level):
    """Average precision from its definition, with a threshold at every score."""
    kept = found.fates[level] != -1
    scores, hits = found.scores[kept], found.fates[level][kept] == 1
    points = [(hits[scores >= at].sum(), (scores >= at).sum()) for at in sorted(set(scores), reverse=True)]
    area, before = 0.0, 0
    for place, (hit, _) in enumerate(points):
        area += (hit - before) * max(h / n for h, n in points[place:])
        before = hit
    return area / found.faces[level].sum()


def test_a_better_detector_is_found_better_and_an_equal_one_is_not():
    runs = {skill: [Found.of(_run(seed, skill)) for seed in range(3)] for skill in (0.5, 0.8, 0.95)}
    better = compare_precisions(runs[0.8], runs[0.5], runs[0.95])
    assert better.difference.low > 0
    assert better.p < 0.01
    assert 0.3 < better.share.mean < 1
    others = [Found.of(_run(seed + 10, 0.5)) for seed in range(3)]
    same = compare_precisions(others, runs[0.5])
    assert same.difference.low < 0 < same.difference.high
    assert same.share is None


def test_runs_on_other_photos_or_of_other_seeds_are_not_compared():
    one, other = Found.of(_run(0, 0.5)), Found.of(_run(0, 0.5, photos=30))
    with pytest.raises(DataError, match="not of the same photos"):
        compare_precisions([one], [other])
    with pytest.raises(DataError, match="seeds"):
        compare_precisions([one, one], [one])
