"""How well are faces found? Average precision, as WIDER FACE's and PASCAL VOC's protocols count it.

Legend: N photos, K detections, M faces, L difficulties, T thresholds.

A detection belongs to the face that it overlaps most; it hits if they overlap by half and no surer detection of the
photo has hit that face before. WIDER FACE (Yang et al., CVPR 2016; official evaluation code) judges at three
difficulties: a detection of a face that does not count at one of them is neither hit nor false alarm there. Its scores
are put on one scale over all photos, and precision and recall are taken at 1,000 thresholds; VOC (Everingham et al.,
IJCV 2015) takes them at every detection. Both measure the area under the precision that is monotone in recall.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float, Float64, Int8, Int64

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.detections import Detections
from foveate.data.wider_truth import WiderTruth
from foveate.detect.overlap import overlaps
from foveate.errors import DataError

OVERLAP: Final = 0.5
"""Intersection over union from which a detection can hit."""

AT: Final = " at "
"""In the name of a level, before the overlap it asks for where that is another."""

THRESHOLDS: Final = 1000

FALSE, HIT, DROPPED = 0, 1, -1
"""What becomes of a detection."""


@final
@dataclass(frozen=True, eq=False)
class DetectionResult:
    """Attributes:
    average_precision: area under precision over recall, from 0 to 1.
    precision, recall: at each threshold, from the highest.
    faces: how many were to be found.
    detections: how many hits and false alarms there were in all.
    """

    average_precision: float
    precision: Float64[np.ndarray, " T"]
    recall: Float64[np.ndarray, " T"]
    faces: int
    detections: int


def fates(
    boxes: Float64[np.ndarray, "K 4"],
    faces: Float64[np.ndarray, "M 4"],
    counts: Bool[np.ndarray, "L M"],
    *,
    pixel: float = 0.0,
    overlap: float = OVERLAP,
) -> Int8[np.ndarray, "L K"]:
    """What becomes of each detection of a photo: ``HIT``, ``FALSE``, or ``DROPPED`` for a face that does not count.

    Args:
        boxes: of the detections, the surest first.
        faces: boxes of all faces.
        counts: which of them count, at each of L difficulties.
        pixel: what is added to widths and heights; 1 where edges are taken for the last pixel of a box (WIDER FACE).
        overlap: intersection over union from which a detection can hit.
    """
    if not len(faces):
        return np.full((len(counts), len(boxes)), FALSE, dtype=np.int8)
    shared = overlaps(boxes, faces, pixel)
    best = shared.argmax(1)
    near = shared[np.arange(len(boxes)), best] >= overlap
    # The first detection of each face, of those that overlap it enough.
    first = np.zeros(len(boxes), dtype=np.bool_)
    first[np.flatnonzero(near)[np.unique(best[near], return_index=True)[1]]] = True
    found = np.where(near & ~counts[:, best], DROPPED, np.where(first, HIT, FALSE))
    return found.astype(np.int8)


def wider_face(
    detections: Mapping[str, Detections], truth: WiderTruth, *, empty_photos: bool = False
) -> dict[str, DetectionResult]:
    """Average precision at each difficulty of WIDER FACE.

    Args:
        detections: by the names of photos; a photo that is missing has none. Scores of any range.
        truth: of the validation set.
        empty_photos: whether detections in photos without any face are false alarms; the official code skips them.

    Raises:
        DataError: there are no detections, or of photos that the truth does not have.
    """
    strange = sorted(detections.keys() - {photo.name for photo in truth.photos})
    if strange:
        remedy = "Call photos as the ground truth does, 'event/name.jpg'"
        raise DataError(f"there are detections in a photo that the truth does not have, {strange[0]}", remedy=remedy)
    scale = _Scale.of(detections.values())
    # Hits and all that count, by level and threshold.
    tally = np.zeros((2, len(truth.counted), THRESHOLDS), dtype=np.int64)
    for number, photo in enumerate(truth.photos):
        found = detections.get(photo.name, Detections.none())
        counts = np.stack([level[number] for level in truth.counted.values()])
        if not len(found) or not (len(photo) or empty_photos):
            continue
        order = np.argsort(-found.scores, kind="stable")
        fate = fates(found.boxes[order], photo.boxes, counts, pixel=1.0)
        step = scale.thresholds(found.scores[order])
        for kind, chosen in enumerate((fate == HIT, fate != DROPPED)):
            for level, marks in enumerate(chosen):
                tally[kind, level] += np.bincount(step[marks], minlength=THRESHOLDS + 1)[:THRESHOLDS]
    hits, proposals = tally.cumsum(2)
    faces = [int(sum(marks.sum() for marks in level)) for level in truth.counted.values()]
    return {
        name: _result(hits[level], proposals[level], faces[level]) for level, name in enumerate(truth.counted.keys())
    }


def plain_boxes(detections: Mapping[str, Detections], photos: Sequence[AnnotatedPhoto]) -> DetectionResult:
    """Average precision at an overlap of one half on photos whose faces all count (CMU+MIT), at every detection.

    False alarms in photos without faces count; boxes without an area are no faces, as for models.

    Raises:
        DataError: there are no faces.
    """
    faces = [photo.boxes[photo.with_area()] for photo in photos]
    if not sum(map(len, faces)):
        raise DataError("the photos have no faces to be found", remedy="Give photos with boxes")
    found = [
        found_in(detections.get(photo.name, Detections.none()), boxes, np.ones((1, len(boxes)), dtype=np.bool_))
        for photo, boxes in zip(photos, faces, strict=True)
    ]
    return Found.of(found).result(0)


@final
@dataclass(frozen=True, eq=False)
class Found:
    """What became of the detections of some photos, enough to tell the average precision on any of these photos.

    Attributes:
        scores: of the detections, those of a photo together.
        fates: of the detections, at each of L levels.
        photo: in which each is, from 0 on.
        faces: how many of each photo count at each level.
    """

    scores: Float64[np.ndarray, " K"]
    fates: Int8[np.ndarray, "L K"]
    photo: Int64[np.ndarray, " K"]
    faces: Int64[np.ndarray, "L N"]

    @classmethod
    def of(cls, parts: Sequence["Found"]) -> "Found":
        """All photos of several, numbered on."""
        starts = np.cumsum([0, *(part.faces.shape[1] for part in parts)])
        return cls(
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.fates for part in parts], axis=1),
            np.concatenate([part.photo + start for part, start in zip(parts, starts, strict=False)]),
            np.concatenate([part.faces for part in parts], axis=1),
        )

    def result(self, level: int) -> DetectionResult:
        """Precision and recall at each detection, the surest first."""
        counted = np.argsort(-self.scores, kind="stable")
        counted = counted[self.fates[level, counted] != DROPPED]
        hits = (self.fates[level, counted] == HIT).cumsum()
        return _result(hits, np.arange(1, len(hits) + 1), int(self.faces[level].sum()))

    def arrays(self) -> dict[str, np.ndarray]:
        """To be kept with a run; scores as float32."""
        kinds = {"scores": np.float32, "fates": np.int8, "photo": np.int32, "faces": np.int32}
        return {name: getattr(self, name).astype(kind) for name, kind in kinds.items()}


def found_in(
    detections: Detections,
    faces: Float64[np.ndarray, "M 4"],
    counts: Bool[np.ndarray, "L M"],
    *,
    pixel: float = 0.0,
    at: Sequence[float] = (OVERLAP,),
) -> Found:
    """What becomes of the detections of one photo, at each of the L levels for each overlap of ``at`` in turn.

    Other arguments as those of ``fates``.
    """
    order = np.argsort(-detections.scores, kind="stable")
    boxes, number = detections.boxes[order], np.zeros(len(order), dtype=np.int64)
    fate = np.concatenate([fates(boxes, faces, counts, pixel=pixel, overlap=overlap) for overlap in at])
    return Found(detections.scores[order], fate, number, np.tile(counts.sum(1, dtype=np.int64), len(at))[:, None])


@final
@dataclass(frozen=True)
class _Scale:
    """The range of all scores, which is stretched to [0, 1]."""

    low: float
    high: float

    @classmethod
    def of(cls, detections: Iterable[Detections]) -> "_Scale":
        scores = [found.scores for found in detections if len(found)]
        if not scores:
            raise DataError("there are no detections at all", remedy="Lower the detector's threshold")
        return cls(min(float(each.min()) for each in scores), max(float(each.max()) for each in scores))

    def thresholds(self, scores: Float64[np.ndarray, " K"]) -> np.ndarray:
        """The number of the first threshold, 1 - (t + 1) / 1000, that each score reaches; the last is 0."""
        spread = self.high - self.low
        scaled = (scores - self.low) / (spread if spread > 0 else 1.0)
        levels = 1 - (np.arange(THRESHOLDS) + 1) / THRESHOLDS
        return THRESHOLDS - np.searchsorted(levels[::-1], scaled, side="right")


def _result(hits: np.ndarray, proposals: np.ndarray, faces: int) -> DetectionResult:
    precision = hits / np.maximum(proposals, 1)
    recall = hits / max(faces, 1)
    area = average_precision(recall, precision)
    return DetectionResult(area, precision, recall, faces, int(proposals[-1]) if len(proposals) else 0)


def average_precision(recall: Float[np.ndarray, " T"], precision: Float[np.ndarray, " T"]) -> float:
    """Area under the precision that is reached at each recall or beyond it (VOC from 2010 on).

    Args:
        recall: not falling.
        precision: at each recall.
    """
    ends = np.concatenate([[0.0], recall, [1.0]])
    reached = np.maximum.accumulate(np.concatenate([[0.0], precision, [0.0]])[::-1])[::-1]
    return float((np.diff(ends) * reached[1:]).sum())
