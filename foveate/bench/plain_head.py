"""The head of the plain path: ArcFace over a one-hot matrix, as the authors' released code computes it.

Legend: B faces, N classes, D embedding size.
"""

import math
from typing import final

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F


@final
class PlainArcFace(nn.Module):
    """s cos(theta + m) at the own class, chosen by a one-hot matrix as large as the logits; no clamp before the root.

    Args:
        embedding: D.
        classes: N.
        scale, margin: s, and m in radians.
    """

    def __init__(self, embedding: int, classes: int, *, scale: float = 32.0, margin: float = 0.5) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(classes, embedding)))
        self.scale, self.margin = scale, margin

    def forward(self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"]) -> Float[Tensor, "B N"]:
        """The logits."""
        cosine = F.linear(F.normalize(embedding), F.normalize(self.weight))
        sine = torch.sqrt(1.0 - torch.pow(cosine, 2))
        turned = cosine * math.cos(self.margin) - sine * math.sin(self.margin)
        edge, fall = math.cos(math.pi - self.margin), math.sin(math.pi - self.margin) * self.margin
        turned = torch.where(cosine - edge > 0, turned, cosine - fall)
        one_hot = torch.zeros_like(cosine)
        one_hot.scatter_(1, label.view(-1, 1), 1)
        return self.scale * (one_hot * turned + (1.0 - one_hot) * cosine)
