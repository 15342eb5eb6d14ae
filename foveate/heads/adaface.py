"""AdaFace (Kim et al., CVPR 2022): a margin that depends on the quality of the image, read off the embedding's length.

Legend: B faces, D embedding size, N classes.
"""

import math
from typing import Final, final

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from foveate import distributed
from foveate.heads.head import Head, grown, replace_target

_EDGE: Final = 1e-3
"""Cosines are kept this far from -1 and 1, angles from 0 and pi, as in the authors' code."""

_LENGTHS: Final = (1e-3, 100.0)
"""Lengths of embeddings are clipped to this range before they are counted."""


@final
class AdaFace(Head):
    """Logits s (cos(theta - m z) - m - m z) at the own class, where z in [-1, 1] says how long the embedding is.

    z = h (|x| - mean) / std, clipped and without gradient. Sharp faces give long embeddings. A short one (z = -1) gets
    ArcFace's angular margin, which cares least for faces that are hard to recognise; one of mean length gets CosFace's
    margin; a long one (z = 1) is made to care most for the hard ones.

    Mean and standard deviation are running ones over the batches; each training step moves them first and uses them
    then. With several ranks they are those of the faces of all ranks, so all ranks hold the same. Evaluation moves
    nothing. A batch of one face has no standard deviation and leaves it as it was.

    Args:
        embedding: D.
        classes: N.
        scale: s; 64 in the paper.
        margin: m.
        concentration: h.
        momentum: share of the newest batch in mean and standard deviation; 0.01 in the authors' training.
        warmup: share of training over which the margin grows from 0.

    Attributes:
        mean, std: of the lengths; they begin at 20 and 100, as in the authors' code, so z begins near 0.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        embedding: int,
        classes: int,
        *,
        scale: float = 32.0,
        margin: float = 0.4,
        concentration: float = 0.333,
        momentum: float = 0.01,
        warmup: float = 0.0,
    ) -> None:
        super().__init__(embedding, classes)
        self.scale, self.margin, self.warmup = scale, margin, warmup
        self.concentration, self.momentum = concentration, momentum
        self.register_buffer("mean", torch.tensor(20.0))
        self.register_buffer("std", torch.tensor(100.0))

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        length = torch.linalg.vector_norm(embedding.detach(), dim=1).clamp(*_LENGTHS)
        if self.training:
            self._count(distributed.gathered(length))
        quality = (self.concentration * (length - self.mean) / (self.std + _EDGE)).clamp(-1, 1)
        margin = grown(self.margin, self.warmup, progress)
        cosine = self.cosine(embedding).clamp(_EDGE - 1, 1 - _EDGE)
        angle = cosine.gather(1, label[:, None])[:, 0].acos() - margin * quality
        target = angle.clamp(_EDGE, math.pi - _EDGE).cos() - margin * (1 + quality)
        return self.scale * replace_target(cosine, label, target)

    def _count(self, lengths: Float[Tensor, " R"]) -> None:
        self.mean.lerp_(lengths.mean(), self.momentum)
        if len(lengths) > 1:
            self.std.lerp_(lengths.std(), self.momentum)
