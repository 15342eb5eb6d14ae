"""Is one detector better than another on the same photos, or was it luck of photos and seeds?

Legend: S seeds, N photos, K detections, L levels, R resamples.

Photos are drawn anew, each with its faces and all that was found in it, and training runs are drawn with them (Efron,
Annals of Statistics 1979). Average precision is no mean over photos: a false alarm counts by the faces that are less
sure, wherever they are. So it is computed anew of each resample, from all detections in order of their scores.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from foveate.errors import DataError
from foveate.evaluate.detection import DROPPED, HIT, Found
from foveate.evaluate.paired import AT_ONCE, SAMPLES, Comparison, check_seeds, comparison, run_weights


def compare_precisions(
    method: Sequence[Found],
    base: Sequence[Found],
    ceiling: Sequence[Found] = (),
    *,
    level: int = 0,
    confidence: float = 0.95,
    seed: int = 0,
) -> Comparison:
    """Compare the average precision of runs on the same photos, by a joint bootstrap over photos and seeds.

    Args:
        method, base: run s of both is of one seed.
        ceiling: the teacher's on sharp photos; it may have seeds of its own.
        level: whose faces are asked for, a number of ``Found.fates``.
        confidence: of the intervals.
        seed: of the resamples.

    Raises:
        DataError: they are not of the same photos, or not of the same number of seeds.
    """
    first = method[0]
    for other in (*method, *base, *ceiling):
        if not np.array_equal(first.faces, other.faces):
            raise DataError("the detections are not of the same photos", remedy="Compare runs judged on one set")
    check_seeds(len(method), len(base))
    generator = np.random.default_rng(seed)
    photos = first.faces.shape[1]
    drawn, rooms = [], []
    for _ in range(SAMPLES // AT_ONCE):
        times = generator.multinomial(photos, np.full(photos, 1 / photos), size=AT_ONCE).astype(float)
        runs = run_weights(len(method), generator)
        ours, theirs = ((precisions(each, level, times) * runs).sum(1) for each in (method, base))
        drawn.append(ours - theirs)
        if ceiling:
            top = (precisions(ceiling, level, times) * run_weights(len(ceiling), generator)).sum(1)
            rooms.append(top - theirs)
    once = np.ones((1, photos))
    means = [float(precisions(each, level, once).mean()) for each in (method, base, ceiling) if each]
    found = means[2] - means[1] if ceiling else None
    return comparison(means[0] - means[1], np.concatenate(drawn), found, rooms, confidence)


def precisions(runs: Sequence[Found], level: int, times: Float64[np.ndarray, "R N"]) -> Float64[np.ndarray, "R S"]:
    """Average precision of each run where photos count so often; 0 where no face is left."""
    return np.stack([_precision(run, level, times) for run in runs], axis=1)


def _precision(run: Found, level: int, times: Float64[np.ndarray, "R N"]) -> Float64[np.ndarray, " R"]:
    order = np.argsort(-run.scores, kind="stable")
    fates = run.fates[level, order]
    order, fates = order[fates != DROPPED], fates[fates != DROPPED]
    weights = times[:, run.photo[order]]
    hits = np.cumsum(weights * (fates == HIT), axis=1)
    faces = times @ run.faces[level]
    precision = hits / np.maximum(np.cumsum(weights, axis=1), 1)
    reached = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
    steps = np.diff(hits, axis=1, prepend=0)
    return (steps * reached).sum(1) / np.maximum(faces, 1)
