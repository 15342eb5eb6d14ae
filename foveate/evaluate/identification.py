"""Who of a gallery is it? Closed-set identification as TinyFace's own script computes it (docs/evaluation.md).

Legend: Q probes, G gallery faces, D embedding size, P couples of a probe and one of its mates.

Cheng, Zhu and Gong, ACCV 2018: the gallery is sorted by the Euclidean distance to the probe; a probe counts at rank K
if any face of its person is among the first K. For unit vectors the distance falls as the cosine rises, so the cosine
is used. A stranger of exactly the same score stands before the mate.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Bool, Float, Float64, Int64

from foveate.data.identification_set import DISTRACTOR
from foveate.errors import DataError
from foveate.evaluate.search import search


@final
@dataclass(frozen=True)
class Identification:
    """What was found for each probe.

    Attributes:
        rank: place of the first mate in the sorted gallery, from 1; 0 where the probe has no mate there.
        average_precision: area under the probe's precision over recall by the trapezoidal rule, 0 to 1; nan without
            mate.
        mate_score: cosine of the mate most like the probe; nan without mate.
        stranger_score: cosine of the stranger most like the probe; minus infinity without any stranger.
    """

    rank: Int64[np.ndarray, " Q"]
    average_precision: Float64[np.ndarray, " Q"]
    mate_score: Float64[np.ndarray, " Q"]
    stranger_score: Float64[np.ndarray, " Q"]

    @property
    def mated(self) -> Bool[np.ndarray, " Q"]:
        """Which probes have a mate in the gallery; only these count in the shares below."""
        return self.rank > 0

    def found_at(self, rank: int) -> float:
        """Share of the mated probes that have a mate among the first ``rank`` faces of the gallery."""
        return float((self.rank[self.mated] <= rank).mean())

    @property
    def mean_average_precision(self) -> float:
        """Mean over the mated probes, 0 to 1."""
        return float(self.average_precision[self.mated].mean())


def identify(
    probes: Float[np.ndarray, "Q D"],
    gallery: Float[np.ndarray, "G D"],
    probe_labels: Int64[np.ndarray, " Q"],
    gallery_labels: Int64[np.ndarray, " G"],
) -> Identification:
    """Rank the gallery for each probe, by counting (``foveate.evaluate.search``).

    Args:
        probes, gallery: embeddings, of any length.
        probe_labels, gallery_labels: whom each shows; ``DISTRACTOR`` in the gallery for anybody else.

    Raises:
        DataError: embeddings are not finite, shapes do not match, a probe is a distractor, or no probe has a mate.
    """
    _check(probes, gallery, probe_labels, gallery_labels)
    probe, mate = _couples(probe_labels, gallery_labels)
    found = search(probes, gallery, probe, mate)
    order = np.lexsort((-found.score, probe))
    probe, first = probe[order], np.searchsorted(probe, np.arange(len(probes)))
    number = np.arange(len(probe)) - first[probe] + 1
    place = number + found.ahead[order]
    mates = np.bincount(probe, minlength=len(probes))
    mated = mates > 0
    rank, score = np.zeros(len(probes), dtype=np.int64), np.full(len(probes), np.nan)
    rank[mated], score[mated] = place[first[mated]], found.score[order][first[mated]]
    areas = np.bincount(probe, weights=_trapezoids(number, place), minlength=len(probes))
    precision = np.where(mated, areas / np.maximum(mates, 1), np.nan)
    return Identification(rank, precision, score, found.stranger)


def _trapezoids(number: Int64[np.ndarray, " P"], place: Int64[np.ndarray, " P"]) -> Float64[np.ndarray, " P"]:
    """What each mate adds to the area: the mean of the precisions before it and with it.

    Args:
        number: how many mates stand up to this one, itself included.
        place: how many faces stand up to it.
    """
    before = np.where(place == 1, 1.0, (number - 1) / np.maximum(place - 1, 1))
    return (before + number / place) / 2


def _couples(
    probe_labels: Int64[np.ndarray, " Q"], gallery_labels: Int64[np.ndarray, " G"]
) -> tuple[Int64[np.ndarray, " P"], Int64[np.ndarray, " P"]]:
    """Each probe, in order, with each of its mates."""
    order = np.argsort(gallery_labels, kind="stable")
    rising = gallery_labels[order]
    first, last = (np.searchsorted(rising, probe_labels, side=side) for side in ("left", "right"))
    count = last - first
    probe = np.repeat(np.arange(len(probe_labels)), count)
    number = np.arange(len(probe)) - np.repeat(np.cumsum(count) - count, count)
    return probe, order[first[probe] + number]


def _check(probes: np.ndarray, gallery: np.ndarray, probe_labels: np.ndarray, gallery_labels: np.ndarray) -> None:
    shapes = f"probes {probes.shape}, gallery {gallery.shape}, labels {probe_labels.shape} and {gallery_labels.shape}"
    fits = probes.ndim == gallery.ndim == 2 and probes.shape[1:] == gallery.shape[1:]
    if not fits or probe_labels.shape != probes.shape[:1] or gallery_labels.shape != gallery.shape[:1]:
        remedy = "Give probes and gallery as (faces, embedding size), and one label a face"
        raise DataError(f"the shapes do not match: {shapes}", remedy=remedy)
    for name, embeddings in (("probe", probes), ("gallery face", gallery)):
        with np.errstate(invalid="ignore"):  # inf - inf is found, and the sums take little memory
            finite = np.isfinite(embeddings.sum(axis=1, dtype=np.float64))
        if not finite.all():
            raise DataError(
                f"{np.count_nonzero(~finite)} of {len(embeddings)} embeddings are not finite",
                record=f"{name} {np.argmin(finite)}",
                remedy="Look for a diverged network, or for overflow in half precision",
            )
    if (probe_labels == DISTRACTOR).any():
        record = f"probe {np.argmax(probe_labels == DISTRACTOR)}"
        raise DataError(f"the label {DISTRACTOR} is a distractor's", record=record, remedy="Label the probe otherwise")
    if not np.isin(probe_labels, gallery_labels).any():
        raise DataError("no probe has a mate in the gallery", remedy="Compare the labels of probes and gallery")
