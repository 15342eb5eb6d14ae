"""Face verification of a network on a set of pairs, in both variants of the 10-fold protocol (docs/evaluation.md).

Legend: N images, P pairs, D embedding size.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, final

import numpy as np
from jaxtyping import Float
from torch import nn

from foveate.data.pairs import VerificationPairs
from foveate.degrade.resize import Resize
from foveate.evaluate.all_pairs import all_pairs, people_of
from foveate.evaluate.at_rates import at_rates
from foveate.evaluate.bootstrap import interval
from foveate.evaluate.embed import decoded, embed, enlarging
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.mode import SMALL, Mode, sides
from foveate.evaluate.roc import Roc, roc
from foveate.evaluate.verification import Verification, verify
from foveate.views import FaceViews

FALSE_ACCEPT_RATES: Final = (3e-1, 1e-1, 1e-2, 1e-3)
"""QMUL-SurvFace reports all four."""


@final
@dataclass(frozen=True)
class FaceVerification(Evaluation):
    """Embed every image of a set once, with its mirror image, and judge the pairs.

    Attributes:
        pairs: the set; native faces are enlarged to the size of the network's.
        views: what the network is to see; small photos are degraded as ``views.degrade`` says, native ones never.
        size: side of the faces in pixels.
        name: key of the answer.
        mode: which photo of each pair is small.
        resize: how native faces are enlarged.
    """

    pairs: VerificationPairs
    views: FaceViews
    size: int
    name: str
    mode: Mode = "LR-LR"
    resize: Resize = "bicubic"

    def look(self) -> None:
        decoded(self.pairs.images, 0, None if self.pairs.native else self.size, self.pairs.name)

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """Accuracy in both protocols with its 95 % bootstrap interval over pairs, AUC, EER and TAR at FAR."""
        return self.detailed(network)[0]

    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Beside the answer, for each pair: its score and whether it was judged rightly (authors' protocol), whether
        it shows one person, and which people it shows; for each person, what it adds to the area under the curve
        of all pairs, where all photos are seen alike."""
        pairs = self.pairs
        embeddings = {small: self._embeddings(network, small) for small in sorted({*SMALL[self.mode]})}
        left, right = sides(pairs, embeddings, self.mode)
        joined = [each.reshape(len(each), -1) for each in (left, right)]
        judged = {"authors": verify(joined[0], joined[1], pairs.same, pairs.fold, protocol="authors")}
        added = [left.sum(1), right.sum(1)]  # only now: embeddings that are not finite have been refused above
        judged["insightface"] = verify(added[0], added[1], pairs.same, pairs.fold, protocol="insightface")
        curve = roc(judged["insightface"].scores, pairs.same)
        every = all_pairs(next(iter(embeddings.values())).sum(1), pairs) if len(embeddings) == 1 else None
        answer = {
            "set": pairs.name,
            "pairs": len(pairs),
            "images": len(pairs.images),
            "mode": self.mode,
            "degradation": self._degradation,
            **{protocol: summary(verification) for protocol, verification in judged.items()},
            **rates(curve),
            "all_pairs": every and {"same": every.same, "different": every.different, **rates(every.curve)},
        }
        people = people_of(pairs)
        arrays = {
            "scores": judged["authors"].scores.astype(np.float16),
            "correct": judged["authors"].correct,
            "same": pairs.same,
            "left": people[pairs.left].astype(np.int32),
            "right": people[pairs.right].astype(np.int32),
        }
        if every is not None:  # single precision is a millionth of an area
            sums = asdict(every.placements)
            arrays |= {f"all_{key}": sums[key].astype(np.float32) for key in ("same", "different")}
            arrays |= {f"all_{key}": sums[key].astype(np.int32) for key in ("same_pairs", "different_pairs")}
        return answer, arrays

    @property
    def _degradation(self) -> str:
        """The title of what is done to small photos."""
        return "native" if self.pairs.native else "sharp" if self.mode == "HR-HR" else self.views.degrade.title

    def _embeddings(self, network: nn.Module, small: bool) -> Float[np.ndarray, "N 2 D"]:
        pairs, views = self.pairs, self.views
        see = views.see if small and not pairs.native else views.normalise
        fit = enlarging(network, self.size, self.resize) if pairs.native else None
        return embed(network, pairs.images, see, size=self.size, name=pairs.name, fit=fit)

    def headline(self, answer: dict[str, Any]) -> str:
        authors, insightface = answer["authors"], answer["insightface"]
        mode = "" if self.mode == "LR-LR" else f", {self.mode}"
        more = at_rates(", TAR", answer["true_accept_rate_at_false_accept_rate"], "FAR") if self.pairs.native else ""
        return (
            f"{answer['set']}{mode} at {answer['degradation']}: {100 * authors['accuracy']:.2f} % (authors' protocol, "
            f"95 % interval {100 * authors['low']:.2f} to {100 * authors['high']:.2f}), "
            f"{100 * insightface['accuracy']:.2f} % (insightface's){more}"
        )


def face_verifications(
    sets: Sequence[VerificationPairs],
    views: FaceViews,
    size: int,
    *,
    modes: Sequence[Mode] = ("LR-LR",),
    resize: Resize = "bicubic",
) -> tuple[FaceVerification, ...]:
    """Verification on each set in each mode, and at each degradation by itself where a network was trained on several.

    Native faces know neither modes nor degradations, so they are judged once.
    """
    found = []
    for pairs in sets:
        for mode in ("LR-LR",) if pairs.native else modes:
            apart = ((views, ""),) if pairs.native or mode == "HR-HR" else views.named_apart()
            for view, at in apart:
                name = pairs.name + ("" if mode == "LR-LR" else f" {mode}") + at
                found.append(FaceVerification(pairs, view, size, name, mode, resize))
    return tuple(found)


def rates(curve: Roc) -> dict[str, Any]:
    """What is told of a curve, as JSON values."""
    return {
        "auc": curve.auc,
        "equal_error_rate": curve.equal_error_rate,
        "true_accept_rate_at_false_accept_rate": {
            f"{rate:g}": curve.true_accept_at(rate)[0] for rate in FALSE_ACCEPT_RATES
        },
    }


def summary(verification: Verification) -> dict[str, Any]:
    """A protocol's result as JSON values: accuracies as shares, the interval over pairs."""
    bounds = asdict(interval(verification.counted))
    return {
        "accuracy": verification.accuracy,
        "low": bounds["low"],
        "high": bounds["high"],
        "standard_error_over_folds": verification.standard_error,
        "accuracy_by_fold": verification.accuracy_by_fold.tolist(),
        "threshold_by_fold": verification.threshold_by_fold.tolist(),
    }
