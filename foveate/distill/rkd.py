"""Relational knowledge distillation (Park et al., CVPR 2019): distances and angles between the faces of a batch.

Legend: B faces, D embedding size.

Distance (equations 4 to 6): ||e_i - e_j|| divided by the mean of all such distances that are not 0. Angle (equations 7
to 9): the cosine of the angle at e_j between e_i and e_k. Each is compared by Huber's loss, mean over all pairs and
triples. Angles need memory for B x B x D and B x B x B numbers.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.exact import exact
from foveate.distill.trace import Trace


@final
class RelationalKD(Distiller):
    """Huber's loss of distances and of angles. The two networks may have embeddings of different sizes.

    Args:
        distance, angle: weights of the two; 1 and 2 in the authors' metric learning.
    """

    relational = True
    across = True

    def __init__(self, distance: float = 1.0, angle: float = 2.0) -> None:
        super().__init__()
        self.distance, self.angle = distance, angle

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        ours, theirs = exact(student.embedding), exact(teacher.embedding)
        distance = F.smooth_l1_loss(distances(ours), distances(theirs))
        return self.distance * distance + self.angle * F.smooth_l1_loss(angles(ours), angles(theirs))


def distances(embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B B"]:
    """Distances of all pairs, relative to the mean of those that are not 0."""
    squared = _differences(embedding).square().sum(2).clamp(min=1e-12)
    found = squared.sqrt() * (1 - torch.eye(len(embedding), dtype=embedding.dtype, device=embedding.device))
    return found / (found.sum() / (found > 0).sum().clamp(min=1)).clamp(min=1e-12)


def angles(embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B B B"]:
    """Cosines of the angles at the first face of a triple, between the other two; 0 where two of these are one face."""
    directions = F.normalize(_differences(embedding), dim=2)
    with torch.autocast(embedding.device.type, enabled=False):
        return directions @ directions.transpose(1, 2)


def _differences(embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B B D"]:
    return embedding[:, None] - embedding[None]
