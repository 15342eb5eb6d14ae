"""A-SKD over the attention maps of a vision transformer: ours, after equation 7 of the A-SKD paper.

Legend: B images, K heads, N tokens, Q tokens that ask.

A block's self-attention says for each token how much it takes from every other: each row of the N x N matrix is a map
of where that token looks, and sums to 1. Teacher and student are compared row by row with the cosine distance that
A-SKD uses for CBAM's maps, 1 - <A_T, A_S>. Fused attention never has this matrix in one place; ``Taps`` has tapped
blocks compute it step by step.
"""

from typing import Literal, final

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

Tokens = Literal["class", "patch", "both"]
Heads = Literal["each", "mean"]


@final
class SelfAttentionSimilarity(Distiller):
    """Cosine distance of what tokens look at, mean over heads and tokens, mean over blocks.

    Args:
        tokens: whose maps are compared: the ``class`` token's over the patches, every ``patch``'s over the patches, or
            ``both``, which are averaged. What looks at the class token is left out.
        heads: ``each`` with the same of the teacher, or their ``mean`` map, which needs no equal number of heads.
        match: every ``block`` with the teacher's of the same place, or the last of each ``stage`` (a quarter of the
            blocks).
        prefix: how many tokens stand before the patches.
        has_class: whether the first of them is the class token; else only patches can be compared.
        glob: which modules receive the maps.
    """

    reads = ("input",)

    def __init__(
        self,
        tokens: Tokens = "both",
        *,
        heads: Heads = "each",
        match: Match = "block",
        prefix: int = 1,
        has_class: bool = True,
        glob: str = "*.attn.attn_drop",
    ) -> None:
        super().__init__()
        if (prefix < 1 or not has_class) and tokens != "patch":
            raise RecipeError("there is no class token to compare", remedy="Compare patches alone: --tokens patch.")
        self.tokens, self.heads, self.prefix = tokens, heads, prefix
        self.match: Match = match
        self.across = match == "stage"
        self.globs = (glob,)

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        (glob,) = self.globs
        pairs = matched(student.caught[glob], teacher.caught[glob], self.match, lambda _: "tokens")
        return torch.stack([self._distance(ours, theirs) for ours, theirs in pairs]).mean()

    def _distance(self, ours: Caught, theirs: Caught) -> Float[Tensor, ""]:
        a, b = (self._maps(call) for call in (ours, theirs))
        if a.shape != b.shape:
            raise RecipeError(
                f"the student's {ours.name} has {a.shape[1]} heads over {a.shape[2]} tokens, "
                f"the teacher's {b.shape[1]} over {b.shape[2]}",
                remedy="Give both the same size of image and of patch; other numbers of heads need --heads mean.",
            )
        start = self.prefix
        sides = {"class": slice(0, 1), "patch": slice(start, None)}
        chosen = sides if self.tokens == "both" else {self.tokens: sides[self.tokens]}
        return torch.stack([_rows(a[:, :, side, start:], b[:, :, side, start:]) for side in chosen.values()]).mean()

    def _maps(self, call: Caught) -> Float[Tensor, "B K N N"]:
        maps = exact(call.input)
        if maps.ndim != 4 or maps.shape[2] != maps.shape[3]:
            raise RecipeError(
                f"{call.name} receives {tuple(maps.shape)}, which is no self-attention",
                remedy="Choose a transformer, or a method for convolutional networks (recipe imagenet_askd).",
            )
        return maps.mean(1, keepdim=True) if self.heads == "mean" else maps


def _rows(a: Float[Tensor, "B K Q N"], b: Float[Tensor, "B K Q N"]) -> Float[Tensor, ""]:
    return (1 - F.cosine_similarity(a, b, dim=3, eps=1e-8)).mean()
