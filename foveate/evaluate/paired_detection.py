"""Is one detector better than another on the same photos, or was it luck of photos and seeds?

Legend: S seeds, N photos, K detections, L levels, R resamples.

Photos are drawn anew, each with its faces and all that was found in it, and training runs are drawn with them (Efron,
Annals of Statistics 1979). Average precision is no mean over photos: a false alarm counts by the faces that are less
sure, wherever they are. So it is computed anew of each resample, from all detections in order of their scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float64, Int64

from foveate.errors import DataError
from foveate.evaluate.detection import DROPPED, HIT, Found
from foveate.evaluate.over_runs import Comparison, Runs, check_seeds, comparison
from foveate.evaluate.paired import SAMPLES

_AT_ONCE: Final = 1 << 22
"""Numbers of resamples times detections that are worked through together: a few arrays of 32 MiB."""


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
    once = np.ones((1, photos))
    times = generator.multinomial(photos, np.full(photos, 1 / photos), size=SAMPLES).astype(float)
    ours, theirs, top = (
        Runs(precisions(runs, level, once)[0], precisions(runs, level, times)) if runs else None
        for runs in (method, base, ceiling)
    )
    assert ours is not None
    assert theirs is not None
    return comparison(ours - theirs, top, theirs, confidence)


def precisions(runs: Sequence[Found], level: int, times: Float64[np.ndarray, "R N"]) -> Float64[np.ndarray, "R S"]:
    """Average precision of each run where photos count so often; 0 where no face is left."""
    return np.stack([_Ordered.of(run, level).precision(times) for run in runs], axis=1)


@final
@dataclass(frozen=True, eq=False)
class _Ordered:
    """The detections of a run that count at a level, the surest first.

    Attributes:
        hit: whether each found a face.
        photo: that it is in.
        faces: of each photo.
    """

    hit: Bool[np.ndarray, " K"]
    photo: Int64[np.ndarray, " K"]
    faces: Int64[np.ndarray, " N"]

    @classmethod
    def of(cls, run: Found, level: int) -> "_Ordered":
        order = np.argsort(-run.scores, kind="stable")
        order = order[run.fates[level, order] != DROPPED]
        return cls(run.fates[level, order] == HIT, run.photo[order], run.faces[level])

    def precision(self, times: Float64[np.ndarray, "R N"]) -> Float64[np.ndarray, " R"]:
        rows = max(1, _AT_ONCE // max(1, len(self.photo)))
        parts = [times[start : start + rows] for start in range(0, len(times), rows)]
        return np.concatenate([self._some(part) for part in parts])

    def _some(self, times: Float64[np.ndarray, "r N"]) -> Float64[np.ndarray, " r"]:
        weights = times[:, self.photo]
        hits = np.cumsum(weights * self.hit, axis=1)
        precision = hits / np.maximum(np.cumsum(weights, axis=1), 1)
        reached = np.maximum.accumulate(precision[:, ::-1], axis=1)[:, ::-1]
        return (np.diff(hits, axis=1, prepend=0) * reached).sum(1) / np.maximum(times @ self.faces, 1)
