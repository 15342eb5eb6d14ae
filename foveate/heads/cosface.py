"""CosFace (Wang et al., CVPR 2018): the target cosine is lowered by m.

Legend: B faces, D embedding size, N classes.
"""

from typing import final

from jaxtyping import Float, Int64
from torch import Tensor

from foveate.heads.head import Head, grown, replace_target


@final
class CosFace(Head):
    """Logits s (cos(theta) - m at the own class).

    Args:
        embedding: D.
        classes: N.
        scale: s.
        margin: m.
        warmup: share of training over which the margin grows from 0.
    """

    def __init__(
        self, embedding: int, classes: int, *, scale: float = 32.0, margin: float = 0.4, warmup: float = 0.0
    ) -> None:
        super().__init__(embedding, classes)
        self.scale, self.margin, self.warmup = scale, margin, warmup

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        cosine = self.cosine(embedding)
        target = cosine.gather(1, label[:, None])[:, 0] - grown(self.margin, self.warmup, progress)
        return self.scale * replace_target(cosine, label, target)
