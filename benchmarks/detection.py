"""How many times as fast is WIDER FACE's evaluation as a plain loop over thresholds, and in how much memory?

    python benchmarks/detection.py [--repeats 3] [--out benchmarks/results]

A set of WIDER FACE's size is drawn: 3,226 photos with twelve faces each in the mean, few in most and hundreds in some,
at three difficulties, with a detection near three of four faces and three elsewhere. Ours is
foveate/evaluate/detection.py; the plain way goes through photos, boxes and 1,000 thresholds one by one in Python, with
NumPy for the overlaps and for counting above a threshold, as evaluation code for it usually does. Memory is what our
evaluation allocates at most, NumPy's arrays included.
"""

import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np

from foveate.bench.question import Settings, ask, ratio
from foveate.bench.timing import Candidate
from foveate.data.annotated import AnnotatedPhoto
from foveate.data.detections import Detections
from foveate.data.wider_truth import WiderTruth
from foveate.evaluate.detection import OVERLAP, THRESHOLDS, average_precision, wider_face

QUESTION = "How many times as fast is WIDER FACE's evaluation as a plain loop over thresholds, and in how much memory?"

PHOTOS = 3_226
SHARES = {"easy": 0.18, "medium": 0.34, "hard": 0.8}
"""Of the faces, those that count at each difficulty."""


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Both ways in turn, then memory; they must agree."""
    truth = drawn()
    found = detections(truth)
    photos = len(truth.photos)
    times = settings.compare(
        {
            "ours": Candidate(lambda: wider_face(found, truth), photos),
            "plain loop": Candidate(lambda: plain(found, truth), photos),
        }
    )
    tracemalloc.start()
    ours = {level: result.average_precision for level, result in wider_face(found, truth).items()}
    most = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    theirs = plain(found, truth)
    apart = max(abs(ours[level] - theirs[level]) for level in ours)
    return {
        "of": f"{PHOTOS:,} photos",
        "unit": "photos/s",
        "durations": times.to_json(),
        "ratios": [ratio(times, "plain loop", "ours", target=10.0)],
        "mebibytes": most,
        "remarks": [
            f"{sum(map(len, found.values())):,} detections. Most memory of ours: {most:,.1f} MiB (aim: under 500). "
            f"The two differ by {apart:.1e} at most."
        ],
    }


def drawn() -> WiderTruth:
    """Photos with faces; a smaller face counts at fewer difficulties."""
    random, photos = np.random.default_rng(1), []
    counted: dict[str, list[np.ndarray]] = {level: [] for level in SHARES}
    for number in range(PHOTOS):
        count = min(int(random.lognormal(1.5, 1.4)) + 1, 700)
        corner = random.random((count, 2)) * 900
        photos.append(
            AnnotatedPhoto(
                f"0--Drawn/{number}.jpg", "0--Drawn", np.hstack([corner, corner + 8 + random.random((count, 2)) * 80])
            )
        )
        for level, share in SHARES.items():
            counted[level].append(random.random(count) < share)
    return WiderTruth(tuple(photos), {level: tuple(marks) for level, marks in counted.items()})


def detections(truth: WiderTruth) -> dict[str, Detections]:
    """One near three of four faces, and three elsewhere in each photo."""
    random, found = np.random.default_rng(0), {}
    for photo in truth.photos:
        near = photo.boxes[random.random(len(photo)) < 0.75]
        near = near + random.normal(0, 0.1, near.shape) * np.tile(near[:, 2:] - near[:, :2], 2)
        corner = random.random((3, 2)) * 800
        boxes = np.concatenate([near, np.concatenate([corner, corner + 10 + random.random((3, 2)) * 90], axis=1)])
        found[photo.name] = Detections(boxes, random.random(len(boxes)))
    return found


def plain(found: dict[str, Detections], truth: WiderTruth) -> dict[str, float]:
    """The average precision at each difficulty, threshold by threshold."""
    every = np.concatenate([each.scores for each in found.values()])
    low, high = every.min(), every.max()
    answers = {}
    for level, counted in truth.counted.items():
        total, faces = np.zeros((THRESHOLDS, 2)), 0
        for photo, counts in zip(truth.photos, counted, strict=True):
            faces += int(counts.sum())
            each = found[photo.name]
            if len(each) == 0 or len(photo) == 0:
                continue
            order = np.argsort(-each.scores, kind="stable")
            scores = (each.scores[order] - low) / (high - low)
            hits, kept, taken = np.zeros(len(order)), np.ones(len(order)), set[int]()
            for place, box in enumerate(each.boxes[order]):
                common = np.minimum(box[2:], photo.boxes[:, 2:]) - np.maximum(box[:2], photo.boxes[:, :2]) + 1
                shared = np.clip(common, 0, None).prod(1)
                sizes = (photo.boxes[:, 2:] - photo.boxes[:, :2] + 1).prod(1)
                overlap = shared / (sizes + (box[2:] - box[:2] + 1).prod() - shared)
                best = int(overlap.argmax())
                if overlap[best] >= OVERLAP:
                    if not counts[best]:
                        kept[place] = 0
                    elif best not in taken:
                        hits[place] = 1
                        taken.add(best)
            for number in range(THRESHOLDS):
                reached = scores >= 1 - (number + 1) / THRESHOLDS
                if reached.any():
                    total[number] += hits[reached].sum(), kept[reached].sum()
        precision = total[:, 0] / np.maximum(total[:, 1], 1)
        answers[level] = average_precision(total[:, 0] / faces, precision)
    return answers


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure, default=Settings(repeats=3))
