"""F-SKD: feature similarity knowledge distillation (Shin et al., arXiv 2303.04681, and the authors' code).

Legend: B faces, C channels, M = H W places, D embedding size.

First 1 - cos of the student's adapted features and the teacher's, each flattened for each face: mean over faces, then
over the four stages (weight 20). Then, on the last stage, a loss across two photos i and j of one person (weight 4).
With A(x, y) the products of the features of x and y at all pairs of places (M x M numbers), and with d = 1 - cos,

    d(A(H_i, H_j), A(H_i, L_j)) / 2 + d(A(H_i, H_j), A(L_i, H_j)) / 2 + d(A(H_i, H_j), A(L_i, L_j)),

where H is what the teacher says of a photo and L what the student says, adapted.

The authors load a second photo for each; here it is found inside the batch, so batches should hold several photos of a
person (``Experiment.per_identity``).
"""

import math
from typing import final

import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.adapted import AdaptedFeatures
from foveate.distill.exact import exact
from foveate.distill.trace import Trace
from foveate.errors import RecipeError

_SAME_PHOTO = 0.99
"""Two photos whose embeddings the teacher finds more alike than this cosine are taken for one and the same."""


@final
class FeatureSimilarity(AdaptedFeatures):
    """Cosine distance of features, and of how the places of two photos of one person go together.

    Args:
        cross: weight of the second term, where the first has weight 1; 0 leaves it out.
        channels: of the teacher's features after each stage; None: as many as the student's.
    """

    gathers = ("stage4",)

    def __init__(self, *, cross: float = 0.2, channels: tuple[int, ...] | None = None) -> None:
        super().__init__(("stage[1-3]", "stage4"), channels)
        if not 0 <= cross < math.inf:
            raise RecipeError(f"--cross is {cross:g}", remedy="Give a number from 0 on.")
        self.cross, self.relational = cross, cross != 0

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        pairs = self.adapted(student, teacher)
        alone = torch.stack([_distance(ours.flatten(1), theirs.flatten(1)).mean() for ours, theirs in pairs]).mean()
        if not self.cross:
            return alone
        if student.label is None:
            raise RecipeError("photos of one person cannot be found without labels", remedy="Give the trace its label.")
        other, found = partners(exact(teacher.embedding), student.label)
        low, high = (features.flatten(2) for features in pairs[-1])
        across = _across(low, high, other).where(found, 0).sum() / found.sum().clamp(min=1)
        return alone + self.cross * across


def partners(
    embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"]
) -> tuple[Int64[Tensor, " B"], Bool[Tensor, " B"]]:
    """For each face another photo of the same person, and whether there is one.

    Of several, the one whose embedding is most alike. Photos count whose cosine is above 0 and not above 0.99.
    """
    with torch.autocast(embedding.device.type, enabled=False):
        cosine = F.normalize(embedding) @ F.normalize(embedding).T
    fits = (label[:, None] == label) & (cosine > 0) & (cosine <= _SAME_PHOTO)
    return cosine.where(fits, -1).argmax(1), fits.any(1)


def _across(
    low: Float[Tensor, "B C M"], high: Float[Tensor, "B C M"], other: Int64[Tensor, " B"]
) -> Float[Tensor, " B"]:
    want = _affinity(high, high[other])
    mixed = _distance(want, _affinity(high, low[other])) + _distance(want, _affinity(low, high[other]))
    return mixed / 2 + _distance(want, _affinity(low, low[other]))


def _affinity(ours: Float[Tensor, "B C M"], theirs: Float[Tensor, "B C M"]) -> Float[Tensor, "B M*M"]:
    one, other = (F.normalize(features.flatten(1)).view_as(features) for features in (ours, theirs))
    with torch.autocast(ours.device.type, enabled=False):
        return (one.transpose(1, 2) @ other).flatten(1)


def _distance(ours: Float[Tensor, "B N"], theirs: Float[Tensor, "B N"]) -> Float[Tensor, " B"]:
    return 1 - F.cosine_similarity(ours, theirs, eps=1e-8)
