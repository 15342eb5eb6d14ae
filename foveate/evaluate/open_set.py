"""Found, and not by mistake: identification where a probe may show somebody who is not in the gallery.

Legend: M mated probes, U unmated probes.

As QMUL-SurvFace reports it (Cheng, Zhu and Gong, 2018): at a threshold t, FPIR is the share of the unmated probes whose
highest score is t or more, TPIR the share of the mated ones whose mate is among the first 20 and has a score of t or
more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float64, Int64

from foveate.errors import DataError

RATES: Final = (0.3, 0.2, 0.1, 0.01)
RANK: Final = 20


@final
@dataclass(frozen=True)
class OpenSet:
    """Attributes:
    rates: the false positive identification rates (FPIR) allowed, 0 to 1.
    true_positive: the true positive identification rate (TPIR) at each, by the conservative convention: the most
        probes that any threshold finds whose FPIR does not exceed the rate; nothing is interpolated.
    auc: area under TPIR over FPIR: the share of couples of a mated and an unmated probe in which the mate is among
        the first and scores higher than the unmated probe, equal scores counting one half.
    """

    rates: tuple[float, ...]
    true_positive: tuple[float, ...]
    auc: float


def open_set(
    mate_score: Float64[np.ndarray, " M"],
    rank: Int64[np.ndarray, " M"],
    stranger_score: Float64[np.ndarray, " U"],
    *,
    rates: Sequence[float] = RATES,
    within: int = RANK,
) -> OpenSet:
    """Judge an open-set search.

    Args:
        mate_score: of each mated probe, the score of the mate most like it.
        rank: its place in the sorted gallery, from 1.
        stranger_score: of each unmated probe, its highest score.
        rates: FPIR allowed.
        within: the mate must be among this many first faces.

    Raises:
        DataError: one kind of probe is missing, a mate's score is nan, or a rate is not between 0 and 1.
    """
    if not len(mate_score) or not len(stranger_score) or np.isnan(mate_score).any() or np.isnan(stranger_score).any():
        problem = f"{len(mate_score)} mated and {len(stranger_score)} unmated probes, or a score that is no number"
        raise DataError(problem, remedy="Give a score to one probe or more of each kind")
    if not all(0 <= rate <= 1 for rate in rates):
        raise DataError(f"false positive rates of {rates} cannot be", remedy="Give shares between 0 and 1")
    found: Bool[np.ndarray, " M"] = (rank >= 1) & (rank <= within)
    rising = np.sort(stranger_score)
    passed = []
    for rate in rates:
        allowed = np.searchsorted(np.arange(len(rising) + 1) / len(rising), rate, side="right") - 1
        # One more than allowed would come in at the score of the next stranger, so mates must be above it.
        level = -np.inf if allowed == len(rising) else rising[len(rising) - 1 - allowed]
        passed.append(float((found & (mate_score > level)).mean()))
    below, upto = (np.searchsorted(rising, mate_score[found], side=side) for side in ("left", "right"))
    return OpenSet(tuple(rates), tuple(passed), float((below + upto).sum() / (2 * len(rising) * len(mate_score))))
