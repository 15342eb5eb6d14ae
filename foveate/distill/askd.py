"""Attention similarity knowledge distillation (Shin et al., "Teaching Where to Look", ECCV 2022).

Legend: B faces, M elements of one map.

Equation 7: rho = 1 - <A_T, A_S>, the cosine distance of the teacher's and the student's attention maps, each
flattened for each face. Equation 8: the sum over the N attention modules of (rho_spatial + rho_channel) / 2.
"""

from typing import Final, Literal, Self, final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.exact import exact
from foveate.distill.matched import Match, matched
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.taps import Caught

Kinds = Literal["both", "channel", "spatial"]
Level = Literal["map", "logits"]
Reduction = Literal["sum", "mean"]
Centre = Literal["none", "map", "batch"]

_FLAT: Final = 1e-2
"""Norm below which a centred map counts as flat: rounding made it so, and its direction says nothing."""

GATES: Final = "*.gate"
"""All attention gates of a network."""


@final
class AttentionSimilarity(Distiller):
    """Cosine distance of attention maps, summed over modules.

    Args:
        kinds: which maps are compared: channel, spatial, or both.
        level: ``map`` compares after the sigmoid, as equations 5 to 7 say; ``logits`` before it, as the released
            code does. Maps are all positive, so their distances are several times smaller (docs/method.md).
        reduction: ``sum`` (equation 8) or ``mean`` over the modules.
        halve: whether the two kinds are averaged (equation 8) or added (released code). One kind alone counts in full.
        centre: what is taken off both sides before their cosine. ``none``, as in paper and code: a pattern that all
            faces share then makes maps alike, however little they agree on what is particular to a face. ``map``: the
            mean of each map, so that the cosine is Pearson's correlation within a face. ``batch``: the mean map of the
            batch, so that only what tells faces apart is compared. Both are ours.
        match: ``block`` compares every map with the one of the same place in an equal network; ``stage`` the last of
            each stage with the teacher's, of a network of any depth or width: spatial maps are resized (bilinear) to
            the student's, channel maps must be as many.
        glob: which modules are attention gates.
    """

    def __init__(
        self,
        kinds: Kinds = "both",
        *,
        level: Level = "map",
        reduction: Reduction = "sum",
        halve: bool = True,
        centre: Centre = "none",
        match: Match = "block",
        glob: str = GATES,
    ) -> None:
        super().__init__()
        self.kinds, self.level, self.reduction, self.halve = kinds, level, reduction, halve
        self.centre: Centre = centre
        self.match: Match = match
        self.across = match == "stage"
        if centre == "batch":  # of several ranks, the mean is that of all faces
            self.relational, self.gathers = True, (glob,)
        self.globs = (glob,)
        self.reads = ("output",) if level == "map" else ("input",)

    @classmethod
    def released(cls, kinds: Kinds = "both") -> Self:
        """Logits, and the plain sum over all maps, as in the authors' released code; its weight there is 5."""
        return cls(kinds, level="logits", halve=False)

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        (glob,) = self.globs
        distances: dict[str, list[Tensor]] = {"channel": [], "spatial": []}
        pairs = matched(student.caught[glob], teacher.caught[glob], self.match, lambda call: kind_of(call.output))
        for ours, theirs in pairs:
            kind = kind_of(ours.output)
            if self.kinds in (kind, "both"):
                distances[kind].append(self._distance(ours, theirs))
        found = [torch.stack(values) for values in distances.values() if values]
        if not found:
            raise RecipeError(
                f"the network has no {self.kinds} attention maps", remedy="Choose other kinds or another attention."
            )
        total = torch.stack([rho.sum() if self.reduction == "sum" else rho.mean() for rho in found]).sum()
        return total / len(found) if self.halve else total

    def _distance(self, ours: Caught, theirs: Caught) -> Float[Tensor, ""]:
        a, b = (ours.output, theirs.output) if self.level == "map" else (ours.input, theirs.input)
        if self.match == "stage" and kind_of(ours.output) == "spatial" and a.shape[2:] != b.shape[2:]:
            b = F.interpolate(b.float(), a.shape[2:], mode="bilinear")
        if a.shape != b.shape:
            raise RecipeError(
                f"the student's map {ours.name} has shape {tuple(a.shape)[1:]}, the teacher's {tuple(b.shape)[1:]}",
                remedy="A-SKD needs networks of the same architecture; for photos spatial maps alone may differ "
                "(--match stage --kinds spatial).",
            )
        a, b = (self._centred(exact(values).flatten(1)) for values in (a, b))
        eps = 1e-8 if self.centre == "none" else _FLAT
        return (1 - F.cosine_similarity(a, b, eps=eps)).mean()

    def _centred(self, maps: Float[Tensor, "B M"]) -> Float[Tensor, "B M"]:
        if self.centre == "none":
            return maps
        return maps - maps.mean(0 if self.centre == "batch" else 1, keepdim=True)


def kind_of(attention_map: Float[Tensor, "B *map"]) -> Literal["channel", "spatial"]:
    """Whether a map weighs channels (B, C, 1, 1), or (B, 1, C) in timm's ECA, or places (B, 1, H, W).

    Raises:
        RecipeError: it has another shape.
    """
    if attention_map.ndim == 3 and attention_map.shape[1] == 1:
        return "channel"
    if attention_map.ndim != 4 or (attention_map.shape[1] > 1 and attention_map.shape[2:] != (1, 1)):
        raise RecipeError(
            f"a map of shape {tuple(attention_map.shape)} weighs neither channels nor places alone",
            remedy="Choose attention with maps of shape (B, C, 1, 1) or (B, 1, H, W), such as CBAM's and SE's.",
        )
    return "channel" if attention_map.shape[1] > 1 else "spatial"
