"""Embedding, label -> loss: what every classification head promises.

Legend: B faces, D embedding size, N classes.
"""

from abc import abstractmethod

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.heads.criterion import Criterion, Scored


class Head(Criterion):
    """A weight vector for each class, and a rule that turns embeddings into logits.

    Args:
        embedding: D.
        classes: N.
    """

    def __init__(self, embedding: int, classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(nn.init.xavier_uniform_(torch.empty(classes, embedding)))

    @abstractmethod
    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        """Logits with the margin applied at each face's own class.

        Args:
            embedding: of the weights' dtype; not normalised.
            label: class of each face.
            progress: how far training is, in [0, 1], for margins that grow.
        """

    def forward(self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float = 1.0) -> Scored:
        """Cross-entropy of the logits, computed in the weights' own float32, whatever the network ran in."""
        with torch.autocast(embedding.device.type, enabled=False):
            exact = embedding.to(self.weight.dtype)
            logits = self.logits(exact, label, progress)
            return Scored(F.cross_entropy(logits, label) + self.penalty(exact), logits)

    def penalty(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, ""] | float:
        """What the loss has beside the cross-entropy: nothing, unless a head asks something of the embedding itself."""
        return 0.0

    def cosine(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, "B N"]:
        """Cosine of the angle between each embedding and each class."""
        return F.normalize(embedding, eps=1e-12) @ F.normalize(self.weight, eps=1e-12).T


def grown(margin: float, warmup: float, progress: float) -> float:
    """A margin that grows linearly to its full size over the first ``warmup`` share of training."""
    return margin if progress >= warmup else margin * progress / warmup


def replace_target(
    logits: Float[Tensor, "B N"], label: Int64[Tensor, " B"], target: Float[Tensor, " B"]
) -> Float[Tensor, "B N"]:
    """The same logits with another value at each face's own class; no one-hot matrix is made."""
    return logits.scatter(1, label[:, None], target[:, None])
