"""Average precision of detection against a plain loop over photos, thresholds and boxes, and against golden numbers."""

import itertools
import tarfile

import numpy as np
import pytest

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.detections import Detections, read_detections
from foveate.data.wider_truth import WiderTruth, read_wider_truth
from foveate.errors import DataError
from foveate.evaluate.detection import THRESHOLDS, average_precision, plain_boxes, wider_face


def _random_set(seed, photos=6):
    """Photos with up to five faces, and detections near them and elsewhere, some twice."""
    random = np.random.default_rng(seed)
    truth, counted, found = [], {"easy": [], "hard": []}, {}
    for number in range(photos):
        count = int(random.integers(0, 6)) if number else 0
        corner, size = random.integers(0, 80, (count, 2)), random.integers(8, 40, (count, 2))
        boxes = np.concatenate([corner, corner + size], axis=1).astype(float)
        photo = AnnotatedPhoto(f"0--Parade/{number}.jpg", "0--Parade", boxes)
        truth.append(photo)
        for level, share in (("easy", 0.5), ("hard", 0.9)):
            counted[level].append(random.random(count) < share)
        near = boxes[random.integers(0, count, 2 * count)] + random.normal(0, 3, (2 * count, 4)) if count else boxes
        far = np.sort(random.random((3, 2, 2)) * 100, axis=1).reshape(3, 4)
        guesses = np.concatenate([near, far])
        found[photo.name] = Detections(guesses, random.integers(0, 30, len(guesses)) / 17.0)
    return WiderTruth(tuple(truth), {level: tuple(each) for level, each in counted.items()}), found


def _iou(a, b, pixel):
    wide = min(a[2], b[2]) - max(a[0], b[0]) + pixel
    high = min(a[3], b[3]) - max(a[1], b[1]) + pixel
    if wide <= 0 or high <= 0:
        return 0.0
    sizes = [(box[2] - box[0] + pixel) * (box[3] - box[1] + pixel) for box in (a, b)]
    return wide * high / (sum(sizes) - wide * high)


def _area(recall, precision):
    """Under the envelope, point by point."""
    points = sorted(zip([0.0, *recall, 1.0], [0.0, *precision, 0.0], strict=True), key=lambda point: point[0])
    total = 0.0
    for (before, _), (now, _) in itertools.pairwise(points):
        total += (now - before) * max(p for r, p in points if r >= now)
    return total


def _plain_wider(detections, truth, level, empty_photos=False):
    """The official protocol, one threshold and one box after another."""
    every = [score for found in detections.values() for score in found.scores]
    low, high = min(every), max(every)
    total = [[0, 0] for _ in range(THRESHOLDS)]
    faces = 0
    for photo, counts in zip(truth.photos, truth.counted[level], strict=True):
        faces += int(counts.sum())
        found = detections[photo.name]
        if len(found) == 0 or (len(photo) == 0 and not empty_photos):
            continue
        order = sorted(range(len(found)), key=lambda place: -found.scores[place])
        hit, dropped, taken = [], [], set()
        for place in order:
            overlaps = [_iou(found.boxes[place], face, 1.0) for face in photo.boxes]
            best = int(np.argmax(overlaps)) if overlaps else None
            near = best is not None and overlaps[best] >= 0.5
            dropped.append(near and not counts[best])
            hit.append(near and bool(counts[best]) and best not in taken)
            if hit[-1]:
                taken.add(best)
        scores = [(found.scores[place] - low) / (high - low) for place in order]
        for number in range(THRESHOLDS):
            reached = [place for place, score in enumerate(scores) if score >= 1 - (number + 1) / THRESHOLDS]
            total[number][0] += sum(hit[place] for place in reached)
            total[number][1] += sum(not dropped[place] for place in reached)
    precision = [hits / count if count else 0.0 for hits, count in total]
    return _area([hits / faces for hits, _ in total], precision)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("empty", [False, True])
def test_it_is_the_official_protocol_box_by_box(seed, empty):
    truth, found = _random_set(seed)
    answer = wider_face(found, truth, empty_photos=empty)
    for level, result in answer.items():
        assert result.average_precision == pytest.approx(_plain_wider(found, truth, level, empty), abs=1e-12)
        assert result.faces == sum(int(counts.sum()) for counts in truth.counted[level])


def test_false_alarms_in_photos_without_faces_count_where_that_is_asked_for():
    truth, found = _random_set(3)
    alarms = sum(len(found[photo.name]) for photo in truth.photos if len(photo) == 0)
    assert alarms > 0
    plain, strict = wider_face(found, truth), wider_face(found, truth, empty_photos=True)
    assert strict["hard"].detections == plain["hard"].detections + alarms
    assert strict["hard"].average_precision <= plain["hard"].average_precision


def test_the_scale_of_scores_does_not_matter_and_the_order_of_lines_does_not():
    truth, found = _random_set(1)
    other = {name: Detections(each.boxes[::-1].copy(), 3 * each.scores[::-1] - 7) for name, each in found.items()}
    # Equal scores are taken in the order of their lines, so they are made different first.
    apart = {name: Detections(each.boxes, each.scores + np.arange(len(each)) * 1e-6) for name, each in found.items()}
    turned = {name: Detections(each.boxes[::-1].copy(), each.scores[::-1].copy()) for name, each in apart.items()}
    assert wider_face(turned, truth)["easy"].average_precision == wider_face(apart, truth)["easy"].average_precision
    assert wider_face(other, truth)["hard"].detections == wider_face(found, truth)["hard"].detections


def test_perfect_detections_have_an_average_precision_of_one():
    truth, _ = _random_set(2)
    found = {photo.name: Detections(photo.boxes, np.ones(len(photo))) for photo in truth.photos if len(photo)}
    found[truth.photos[0].name] = Detections(np.array([[0.0, 0.0, 9.0, 9.0]]), np.zeros(1))  # gives the scale its zero
    assert all(result.average_precision == 1.0 for result in wider_face(found, truth).values())


def test_detections_of_other_photos_or_none_at_all_are_refused():
    truth, found = _random_set(0)
    with pytest.raises(DataError, match=r"a photo that the truth does not have, 1--Else/a\.jpg"):
        wider_face({**found, "1--Else/a.jpg": Detections.none()}, truth)
    with pytest.raises(DataError, match="no detections at all"):
        wider_face({name: Detections.none() for name in found}, truth)


def test_plain_boxes_by_hand():
    photos = [
        AnnotatedPhoto("a.jpg", "", np.array([[0.0, 0.0, 10.0, 10.0], [20.0, 0.0, 30.0, 10.0]])),
        AnnotatedPhoto("b.jpg", "", np.empty((0, 4))),
    ]
    found = {
        "a.jpg": Detections(
            np.array([[0.0, 0.0, 10.0, 10.0], [1.0, 0.0, 11.0, 10.0], [20.0, 0.0, 30.0, 5.1]]),
            np.array([0.9, 0.8, 0.3]),
        ),
        "b.jpg": Detections(np.array([[0.0, 0.0, 5.0, 5.0]]), np.array([0.5])),
    }
    result = plain_boxes(found, photos)
    # A hit, the same face again, a false alarm in the photo without faces, a hit.
    assert result.precision.tolist() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 2])
    assert result.average_precision == pytest.approx(0.5 * 1 + 0.5 * 0.5)
    assert plain_boxes({}, photos).average_precision == 0
    flat = AnnotatedPhoto("a.jpg", "", np.concatenate([photos[0].boxes, [[5.0, 5.0, 5.0, 9.0]]]))  # no face, but a line
    assert plain_boxes(found, [flat, photos[1]]).average_precision == result.average_precision
    with pytest.raises(DataError, match="no faces"):
        plain_boxes(found, photos[1:])


def test_the_envelope_is_monotone():
    assert average_precision(np.array([0.2, 0.4, 0.4, 0.6]), np.array([0.5, 1.0, 0.8, 0.6])) == pytest.approx(
        0.4 * 1.0 + 0.2 * 0.6
    )


def test_golden_predictions_have_the_golden_average_precisions(golden, shared, tmp_path):
    with tarfile.open(golden / "wider_predictions.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    truth = read_wider_truth(shared / "data/detect/wider_ground_truth")
    found = wider_face(read_detections(tmp_path / "predictions", [photo.name for photo in truth.photos])[0], truth)
    want = {"easy": 0.44478857271096006, "medium": 0.5159858606906093, "hard": 0.5914869687040483}
    assert {level: result.average_precision for level, result in found.items()} == pytest.approx(want, abs=1e-9)
    assert [result.faces for result in found.values()] == [7_211, 13_319, 31_958]
