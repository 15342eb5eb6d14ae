"""Overlaps of boxes against loops over their pixels."""

import numpy as np

from foveate.detect.overlap import areas, common_areas, overlaps, suppress_contained


def _boxes(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    corner = random.integers(0, 12, (count, 2))
    return np.concatenate([corner, corner + random.integers(1, 9, (count, 2))], axis=1).astype(np.float64)


def _pixels(box: np.ndarray) -> set[tuple[int, int]]:
    left, top, right, bottom = box.astype(int)
    return {(x, y) for x in range(left, right) for y in range(top, bottom)}


def test_areas_and_overlaps_are_counts_of_pixels():
    boxes, others = _boxes(9, 0), _boxes(7, 1)
    for row, box in enumerate(boxes):
        assert areas(boxes)[row] == len(_pixels(box))
        for column, other in enumerate(others):
            common, union = _pixels(box) & _pixels(other), _pixels(box) | _pixels(other)
            assert common_areas(boxes, others)[row, column] == len(common)
            assert np.isclose(overlaps(boxes, others)[row, column], len(common) / len(union))


def test_boxes_without_area_overlap_with_nothing():
    line = np.array([[3.0, 3, 3, 9]])
    assert overlaps(line, line).tolist() == [[0.0]]
    assert suppress_contained(line, np.ones(1), 0.7).tolist() == [0]


def test_of_boxes_that_lie_in_each_other_the_surest_stays():
    boxes, scores = _boxes(30, 2), np.random.default_rng(3).random(30)
    kept: list[int] = []
    for place in sorted(range(30), key=lambda place: -scores[place]):
        mine = _pixels(boxes[place])
        shares = [len(mine & _pixels(boxes[other])) / min(len(mine), len(_pixels(boxes[other]))) for other in kept]
        if all(share <= 0.5 for share in shares):
            kept.append(place)
    assert 3 < len(kept) < 30
    assert suppress_contained(boxes, scores, 0.5).tolist() == kept
