"""How many strangers of a gallery look more like a probe than its own mates do? Without sorting, and exactly.

Legend: Q probes, G gallery faces, D embedding size, P couples of a probe and one of its mates, B probes of a block,
K gallery faces of a block.

A rank asks for no order of the gallery: it is the number of strangers whose score is as high or higher, and counting
them takes one comparison a score where sorting takes twenty. Scores are made block by block and forgotten.

A score is the dot product of two unit vectors of float32, summed in float64. The float32 product of a block is off by
at most D * 2^-24, in whatever order it is summed (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1),
so it settles all but the strangers that come closer than that to a mate; these few are summed again in float64. The
counts are therefore those of float64, whatever library multiplies, on however many threads, in blocks of any size.

Every thread takes blocks of its own, multiplies them alone and compares them, all of it in NumPy. Threads that share
one product leave all of them but one idle while it is compared: the whole took 1.4 times as long on two cores.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import local
from typing import Final, final

import numpy as np
import torch
from jaxtyping import Bool, Float, Float32, Float64, Int64
from threadpoolctl import threadpool_limits
from torch.nn import functional as F

_PROBES: Final = 256
_GALLERY: Final = 4096
"""Faces of a block: its million scores (4 MB) stay near the processor while they are compared."""
_AT_ONCE: Final = 1 << 13
"""Couples whose products are summed in float64 at a time."""
_NO_SCORE: Final = np.float32(-2)
"""Below every cosine."""


@final
@dataclass(frozen=True)
class Found:
    """What was counted for each couple of a probe and one of its mates, in the order they were given.

    Attributes:
        score: cosine of probe and mate.
        ahead: strangers whose score is at least as high: of equals the stranger comes first.
        stranger: for each probe the score of the stranger that is most like it, as float32's products say; minus
            infinity where there is none.
    """

    score: Float64[np.ndarray, " P"]
    ahead: Int64[np.ndarray, " P"]
    stranger: Float64[np.ndarray, " Q"]


def search(
    probes: Float[np.ndarray, "Q D"],
    gallery: Float[np.ndarray, "G D"],
    probe: Int64[np.ndarray, " P"],
    mate: Int64[np.ndarray, " P"],
) -> Found:
    """Count the strangers ahead of each mate.

    Args:
        probes, gallery: embeddings, of any length.
        probe, mate: the couples, as rows of ``probes`` and of ``gallery``, each once; whoever of the gallery is in no
            couple with a probe is a stranger to it.

    Returns:
        Scores and counts. Beyond the embeddings it takes the unit vectors of probes and mates and some 100 MB. It works
        on as many threads as PyTorch does, and BLAS on one until it returns.
    """
    # Probes with as many mates stand in one block, so that none waits for another's mates.
    turn = np.argsort(np.bincount(probe, minlength=len(probes)), kind="stable")
    place = np.argsort(turn)[probe]
    order = np.argsort(place, kind="stable")
    units = _unit(probes[turn])
    row, column = place[order], mate[order]
    mates, number = np.unique(column, return_inverse=True)
    score = _products(units, _unit(gallery[mates]), row, number)
    blocks = []
    for start in range(0, len(units), _PROBES):
        mine = slice(*np.searchsorted(row, [start, start + _PROBES]))
        blocks.append(_Block(units[start : start + _PROBES], row[mine] - start, column[mine], score[mine]))
    room = _Room(min(len(units), _PROBES) * min(len(gallery), _GALLERY))
    with ThreadPoolExecutor(torch.get_num_threads()) as pool, threadpool_limits(1, user_api="blas"):
        for start in range(0, len(gallery), _GALLERY):
            part = _unit(gallery[start : start + _GALLERY])
            list(pool.map(partial(_Block.meet, part=part, start=start, room=room), blocks))
    found = Found(np.empty(len(row)), np.empty(len(row), dtype=np.int64), np.empty(len(units)))
    found.score[order] = score
    found.ahead[order] = np.concatenate([block.ahead for block in blocks])
    found.stranger[turn] = np.concatenate([block.strangers(gallery) for block in blocks])
    return found


@final
class _Room(local):
    """Memory for a block's scores and what is asked of them, one for each thread that uses it.

    Fresh memory costs more than what is computed in it.
    """

    def __init__(self, most: int) -> None:
        self._scores = np.empty(most, dtype=np.float32)
        self._answers = np.empty((2, most), dtype=np.bool_)

    def take(
        self, shape: tuple[int, int]
    ) -> tuple[Float32[np.ndarray, "B K"], Bool[np.ndarray, "B K"], Bool[np.ndarray, "B K"]]:
        """Scores, and two truth values for each; what they hold is left over from the last block."""
        scores, first, second = (
            piece[: shape[0] * shape[1]].reshape(shape) for piece in (self._scores, *self._answers)
        )
        return scores, first, second


@final
class _Block:
    """Some probes, and what was counted for them so far."""

    def __init__(
        self,
        units: Float32[np.ndarray, "B D"],
        row: Int64[np.ndarray, " P"],
        mate: Int64[np.ndarray, " P"],
        score: Float64[np.ndarray, " P"],
    ) -> None:
        self._units, self._row, self._mate, self._score = units, row, mate, score
        self.ahead = np.zeros(len(row), dtype=np.int64)
        slot = np.arange(len(row)) - np.searchsorted(row, row)
        self._slots = [np.flatnonzero(slot == number) for number in range(slot.max(initial=-1) + 1)]
        self._highest = np.full(len(units), _NO_SCORE)
        self._nearest = np.full(len(units), -1)

    def meet(self, part: Float32[np.ndarray, "K D"], start: int, room: _Room) -> None:
        """Score every probe against a part of the gallery, whose first face has the number ``start``."""
        scores, *answers = room.take((len(self._units), len(part)))
        np.matmul(self._units, part.T, out=scores)
        here = (start <= self._mate) & (self._mate < start + len(part))
        scores[self._row[here], self._mate[here] - start] = _NO_SCORE
        highest = scores.max(1)
        better = np.flatnonzero(highest > self._highest)
        self._highest[better] = highest[better]
        self._nearest[better] = [scores[probe].argmax() + start for probe in better]
        for couples in self._slots:
            self._count(couples, part, scores, *answers)

    def _count(
        self,
        couples: Int64[np.ndarray, " couples"],
        part: Float32[np.ndarray, "K D"],
        scores: Float32[np.ndarray, "B K"],
        sure: Bool[np.ndarray, "B K"],
        close: Bool[np.ndarray, "B K"],
    ) -> None:
        """Compare every probe's strangers with one of its mates; ``sure`` and ``close`` are overwritten."""
        row, margin = self._row[couples], (part.shape[1] + 8) * 2.0**-24
        level, couple_of = np.full((len(scores), 1), np.inf), np.zeros(len(scores), dtype=np.int64)
        level[row, 0], couple_of[row] = self._score[couples], couples
        np.greater_equal(scores, (level + margin).astype(np.float32), out=sure)
        np.greater_equal(scores, (level - margin).astype(np.float32), out=close)
        np.not_equal(close, sure, out=close)
        # NumPy adds 16-bit integers, which hold a block's width, faster than it counts the truth values of a row.
        self.ahead[couples] += sure.view(np.uint8).sum(1, dtype=np.uint16)[row]
        probe, stranger = np.divmod(np.flatnonzero(close), len(part))
        level_met = _products(self._units, part, probe, stranger) >= level[probe, 0]
        self.ahead += np.bincount(couple_of[probe[level_met]], minlength=len(self.ahead))

    def strangers(self, gallery: Float[np.ndarray, "G D"]) -> Float64[np.ndarray, " B"]:
        """The score of the stranger most like each probe."""
        best = np.full(len(self._units), -np.inf)
        known = np.flatnonzero(self._nearest >= 0)
        nearest = _unit(gallery[self._nearest[known]])
        best[known] = _products(self._units, nearest, known, np.arange(len(known)))
        return best


def _unit(embeddings: Float[np.ndarray, "N D"]) -> Float32[np.ndarray, "N D"]:
    """Vectors of length 1; a vector of zeros stays one, and so has the score 0 with everybody."""
    return F.normalize(torch.from_numpy(embeddings).float()).numpy()


def _products(
    left: Float32[np.ndarray, "L D"],
    right: Float32[np.ndarray, "R D"],
    rows: Int64[np.ndarray, " P"],
    columns: Int64[np.ndarray, " P"],
) -> Float64[np.ndarray, " P"]:
    """Dot products of some couples of rows, in float64: the same two vectors always give the same bits."""
    found = np.empty(len(rows))
    for start in range(0, len(rows), _AT_ONCE):
        now = slice(start, start + _AT_ONCE)
        ours, theirs = left[rows[now]].astype(np.float64), right[columns[now]].astype(np.float64)
        found[now] = np.einsum("pd,pd->p", ours, theirs)
    return found
