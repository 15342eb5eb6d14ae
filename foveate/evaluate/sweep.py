"""How small may a face be? Verification of one network at many sizes of the face.

Legend: N images, P pairs, D embedding size.
"""

from dataclasses import dataclass, replace
from typing import Any, Final, final

import numpy as np
from jaxtyping import Float
from torch import nn

from foveate.data.pairs import VerificationPairs
from foveate.degrade.preset import Preset, degradation
from foveate.errors import RecipeError
from foveate.evaluate.embed import decoded, embed
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.faces import summary
from foveate.evaluate.mode import Mode, sides
from foveate.evaluate.roc import roc
from foveate.evaluate.verification import verify
from foveate.views import FaceViews

SIDES: Final = (7, 10, 14, 20, 28, 40, 56, 80, 112)
"""Pixels; from a sixteenth of a face of 112 pixels in steps of about the root of two."""

MODES: Final[tuple[Mode, ...]] = ("LR-LR", "HR-LR")


@final
@dataclass(frozen=True)
class Sweep(Evaluation):
    """Both photos of each pair degraded (LR-LR), or the second alone (HR-LR: a passport photo against a camera).

    Attributes:
        pairs: the set.
        views: of the network; its degradation is replaced.
        preset: of the degradations.
        size: side of the sharp faces in pixels.
        sides: of the small faces in pixels; ``size`` stands for the sharp face.
        far: false accept rate at which true accepts are counted.
        name: key of the answer.

    Raises:
        RecipeError: a side or the rate is out of range.
    """

    pairs: VerificationPairs
    views: FaceViews
    preset: Preset
    size: int
    sides: tuple[int, ...] = SIDES
    far: float = 1e-2
    name: str = "sweep"

    def __post_init__(self) -> None:
        if not 0 < self.far < 1:
            raise RecipeError(f"--far is {self.far:g}", remedy="Give a rate between 0 and 1.")
        for side in self.sides:
            degradation(self.preset, side=(side,), size=self.size)

    def look(self) -> None:
        decoded(self.pairs.images, 0, self.size, self.pairs.name)

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """For both modes and each side: accuracy (authors' protocol) with its interval over pairs, AUC, TAR."""
        sharp = self._embeddings(network, self.size)
        found: dict[str, list[dict[str, Any]]] = {mode: [] for mode in MODES}
        for side in sorted(self.sides):
            low = sharp if side == self.size else self._embeddings(network, side)
            for mode in MODES:
                left, right = sides(self.pairs, {False: sharp, True: low}, mode)
                found[mode].append(self._judge(left, right, side))
        return {"set": self.pairs.name, "preset": self.preset, "far": self.far, **found}

    def headline(self, answer: dict[str, Any]) -> str:
        points = ", ".join(f"{point['side']} px {100 * point['accuracy']:.1f}" for point in answer["LR-LR"])
        return f"{answer['set']}, accuracy (%) by size of the face: {points}"

    def _embeddings(self, network: nn.Module, side: int) -> Float[np.ndarray, "N 2 D"]:
        views = replace(self.views, degrade=degradation(self.preset, side=(side,), size=self.size))
        return embed(network, self.pairs.images, views.see, size=self.size, name=self.pairs.name)

    def _judge(self, left: Float[np.ndarray, "P 2 D"], right: Float[np.ndarray, "P 2 D"], side: int) -> dict[str, Any]:
        pairs = self.pairs
        joined = [each.reshape(len(each), -1) for each in (left, right)]
        judged = verify(joined[0], joined[1], pairs.same, pairs.fold, protocol="authors")
        curve = roc(judged.scores, pairs.same)
        known = summary(judged)
        return {
            "side": side,
            **{key: known[key] for key in ("accuracy", "low", "high")},
            "auc": curve.auc,
            "true_accept_rate": curve.true_accept_at(self.far)[0],
        }


def smallest_usable(points: list[dict[str, Any]], target: float) -> int | None:
    """The smallest side at which, as at all larger ones, the true accept rate reaches ``target``; None without one."""
    usable = None
    for point in sorted(points, key=lambda point: point["side"], reverse=True):
        if point["true_accept_rate"] < target:
            break
        usable = point["side"]
    return usable
