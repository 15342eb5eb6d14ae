"""Face verification of a network on a set of pairs, in both variants of the 10-fold protocol (docs/evaluation.md).

Legend: N images, P pairs, D embedding size.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, final

import numpy as np
from torch import nn

from foveate.data.pairs import VerificationPairs
from foveate.evaluate.all_pairs import all_pairs, people_of
from foveate.evaluate.bootstrap import interval
from foveate.evaluate.embed import embed
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.roc import Roc, roc
from foveate.evaluate.verification import Verification, verify
from foveate.views import FaceViews

FALSE_ACCEPT_RATES: Final = (1e-1, 1e-2, 1e-3)


@final
@dataclass(frozen=True)
class FaceVerification(Evaluation):
    """Embed every image of a set once, with its mirror image, and judge the pairs.

    Attributes:
        pairs: the set.
        views: what the network is to see; every image is degraded as ``views.degrade`` says.
        size: side of the faces in pixels.
        name: key of the answer.
    """

    pairs: VerificationPairs
    views: FaceViews
    size: int
    name: str

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """Accuracy in both protocols with its 95 % bootstrap interval over pairs, AUC, EER and TAR at FAR."""
        return self.detailed(network)[0]

    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Beside the answer, for each pair: its score and whether it was judged rightly (authors' protocol), whether
        it shows one person, and which people it shows; for each person, what it adds to the area under the curve
        of all pairs."""
        pairs = self.pairs
        embeddings = embed(network, pairs.images, self.views.see, size=self.size, name=pairs.name)
        joined, added = embeddings.reshape(len(embeddings), -1), embeddings.sum(1)
        judged = {
            "authors": verify(joined[pairs.left], joined[pairs.right], pairs.same, pairs.fold, protocol="authors"),
            "insightface": verify(
                added[pairs.left], added[pairs.right], pairs.same, pairs.fold, protocol="insightface"
            ),
        }
        curve = roc(judged["insightface"].scores, pairs.same)
        every = all_pairs(added, pairs)
        answer = {
            "set": pairs.name,
            "pairs": len(pairs),
            "images": len(pairs.images),
            "degradation": self.views.degrade.title,
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

    def headline(self, answer: dict[str, Any]) -> str:
        authors, insightface = answer["authors"], answer["insightface"]
        return (
            f"{answer['set']} at {answer['degradation']}: {100 * authors['accuracy']:.2f} % (authors' protocol, "
            f"95 % interval {100 * authors['low']:.2f} to {100 * authors['high']:.2f}), "
            f"{100 * insightface['accuracy']:.2f} % (insightface's)"
        )


def face_verifications(sets: Sequence[VerificationPairs], views: FaceViews, size: int) -> tuple[FaceVerification, ...]:
    """Verification on each set, and at each degradation by itself where the network was trained on several."""
    apart = views.apart()
    return tuple(
        FaceVerification(pairs, view, size, pairs.name + (f" at {view.degrade.title}" if len(apart) > 1 else ""))
        for pairs in sets
        for view in apart
    )


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
    bounds = asdict(interval(verification.correct.astype(float)))
    return {
        "accuracy": verification.accuracy,
        "low": bounds["low"],
        "high": bounds["high"],
        "standard_error_over_folds": verification.standard_error,
        "accuracy_by_fold": verification.accuracy_by_fold.tolist(),
        "threshold_by_fold": verification.threshold_by_fold.tolist(),
    }
