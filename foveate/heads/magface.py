"""MagFace (Meng et al., CVPR 2021): ArcFace whose margin grows with the embedding's length, which measures quality.

Legend: B faces, D embedding size, N classes.
"""

from typing import final

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from foveate.heads.head import Head, grown, replace_target
from foveate.heads.margin import turned


@final
class MagFace(Head):
    """Logits s cos(theta + m(a)) at the own class, s cos(theta) elsewhere, where a is the embedding's length.

    m(a) rises linearly over the range of lengths. The loss has a second term, the mean of a / longest^2 + 1 / a, which
    falls with the length, so that faces which can bear a larger margin get longer embeddings. Lengths outside the range
    count as its end, and have no gradient.

    Args:
        embedding: D.
        classes: N.
        scale: s; 64 in the paper.
        margins: m in radians at both ends of the range.
        lengths: the range of a.
        weight: of the second term. It has to grow with s: 35 in the paper, with s = 64; 20 goes with s = 32.
        easy_margin: what becomes of angles to which the margin cannot be added (``AngularMargin``); the authors' code
            has it on.
        warmup: share of training over which the margin grows from 0.
    """

    def __init__(
        self,
        embedding: int,
        classes: int,
        *,
        scale: float = 32.0,
        margins: tuple[float, float] = (0.45, 0.8),
        lengths: tuple[float, float] = (10.0, 110.0),
        weight: float = 20.0,
        easy_margin: bool = False,
        warmup: float = 0.0,
    ) -> None:
        super().__init__(embedding, classes)
        self.scale, self.margins, self.lengths, self.regularisation = scale, margins, lengths, weight
        self.easy_margin, self.warmup = easy_margin, warmup

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        (least, largest), (shortest, longest) = self.margins, self.lengths
        share = (self._length(embedding) - shortest) / (longest - shortest)
        margin = grown(1.0, self.warmup, progress) * (least + (largest - least) * share)
        cosine = self.cosine(embedding)
        target = turned(cosine.gather(1, label[:, None])[:, 0], margin, easy=self.easy_margin)
        return self.scale * replace_target(cosine, label, target)

    def penalty(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, ""]:
        """The second term, weighted."""
        length = self._length(embedding)
        return self.regularisation * (length / self.lengths[1] ** 2 + 1 / length).mean()

    def _length(self, embedding: Float[Tensor, "B D"]) -> Float[Tensor, " B"]:
        return torch.linalg.vector_norm(embedding, dim=1).clamp(*self.lengths)
