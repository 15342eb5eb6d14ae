"""Where two networks look: correlation of a student's attention maps with its teacher's (Fig. 5).

Legend: B images.

The teacher sees each image sharp, the student sees it degraded. For each of the four stages the map of its last
block stands for it, as the released code's hooks do; first block and mean over the stage are reported beside. Maps are
what the features are weighed by, after the sigmoid; logits are the same before it, which the released code distils.
"""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any, Final, final

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn

from foveate import distributed
from foveate.data.pairs import VerificationPairs
from foveate.distill.askd import GATES, kind_of
from foveate.errors import RecipeError
from foveate.evaluate.correlation import Correlation
from foveate.evaluate.embed import pixel_batches
from foveate.evaluate.evaluation import Evaluation
from foveate.taps import Taps
from foveate.views import TwoViews

LOGITS: Final = " logits"
"""Ends the name of a kind that is seen before the sigmoid."""

SIDES: Final = {"output": "", "input": LOGITS}


@final
@dataclass(frozen=True, eq=False)
class AttentionAgreement(Evaluation):
    """Correlate every attention map of two networks of the same architecture, in one pass over the images.

    Attributes:
        pixels: decodes the images that are looked at, some at a time; asked anew each time.
        teacher: in evaluation mode; sees sharp faces.
        views: what the student sees.
        name: key of the answer; begins with "attention on ".
        glob: which modules are attention gates.
    """

    pixels: Callable[[], Iterable[UInt8[Tensor, "B H W 3"]]]
    teacher: nn.Module
    views: TwoViews
    name: str
    glob: str = GATES

    @torch.inference_mode()
    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """For each kind and stage: Pearson r of the last and the first block's maps and the mean over blocks.

        Kinds are "channel" and "spatial" for maps, and "channel logits" and "spatial logits".
        """
        device = next(network.parameters()).device
        taps = [Taps(module, [self.glob]) for module in (self.teacher.to(device), network)]
        if taps[0].names != taps[1].names:
            raise RecipeError(
                "the networks have attention at other places, so their maps cannot be compared",
                remedy="Compare networks of one architecture.",
            )
        running: dict[tuple[str, str, str], Correlation] = defaultdict(Correlation)
        for given in self.pixels():
            pixels = given.to(device)
            seen = (self.views.normalise(pixels), self.views.see(pixels))
            theirs, ours = (tap(view)[1][self.glob] for tap, view in zip(taps, seen, strict=True))
            for place, (sharp, low) in enumerate(zip(theirs, ours, strict=True)):
                for side, more in SIDES.items():
                    correlation = running[kind_of(low.output) + more, low.stage, f"{place}"]
                    correlation.update(getattr(sharp, side).float(), getattr(low, side).float())
        stages: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
        parts = distributed.collected({key: each.cpu() for key, each in running.items()})
        for key in dict.fromkeys(key for part in parts for key in part):
            kind, stage, _ = key
            whole = functools.reduce(Correlation.merged, [part[key] for part in parts if key in part])
            stages[kind][stage].append(asdict(whole.result()))
        return {kind: {stage: _stage(blocks) for stage, blocks in found.items()} for kind, found in stages.items()}

    def headline(self, answer: dict[str, Any]) -> str:
        words = [
            f"{kind} " + " ".join(f"{stage['last']['centred']:.2f}" for stage in stages.values())
            for kind, stages in answer.items()
            if not kind.endswith(LOGITS)
        ]
        return f"{self.name}, correlation with the teacher by stage (mean maps subtracted): " + "; ".join(words)


def attention_agreements(
    pixels: Callable[[], Iterable[UInt8[Tensor, "B H W 3"]]], name: str, teacher: nn.Module, views: TwoViews
) -> tuple[AttentionAgreement, ...]:
    """Agreement on a set's images, at each degradation by itself where the student was trained on several."""
    return tuple(
        AttentionAgreement(pixels, teacher, view, f"attention on {name}{at}") for view, at in views.named_apart()
    )


def agreements_on_pairs(
    pairs: VerificationPairs, teacher: nn.Module, views: TwoViews, size: int
) -> tuple[AttentionAgreement, ...]:
    """The same on the images of a verification set, which have this side in pixels."""
    pixels = functools.partial(pixel_batches, pairs.images, size=size, name=pairs.name)
    return attention_agreements(pixels, pairs.name, teacher, views)


def _stage(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    measures = ("pooled", "centred", "per_image")
    mean = {measure: float(np.mean([block[measure] for block in blocks])) for measure in measures}
    return {"last": blocks[-1], "first": blocks[0], "mean": mean, "images": blocks[0]["images"]}
