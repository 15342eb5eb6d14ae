"""ArcFace (Deng et al., CVPR 2019): an additive angular margin (equation 2 of the A-SKD paper).

Legend: B faces, D embedding size, N classes.
"""

from typing import final

from jaxtyping import Float, Int64
from torch import Tensor

from foveate.heads.head import Head, replace_target
from foveate.heads.margin import AngularMargin


@final
class ArcFace(Head):
    """Logits s cos(theta + m) at the own class, s cos(theta) elsewhere.

    Args:
        embedding: D.
        classes: N.
        scale: s.
        margin: m in radians.
        easy_margin: what becomes of angles to which the margin cannot be added (``AngularMargin``).
        warmup: share of training over which the margin grows from 0; short runs converge slowly with the whole
            margin from the first step.
    """

    def __init__(
        self,
        embedding: int,
        classes: int,
        *,
        scale: float = 32.0,
        margin: float = 0.5,
        easy_margin: bool = False,
        warmup: float = 0.0,
    ) -> None:
        super().__init__(embedding, classes)
        self.scale, self.margin = scale, AngularMargin(margin, easy_margin, warmup)

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        cosine = self.cosine(embedding)
        turned = self.margin(cosine.gather(1, label[:, None])[:, 0], progress)
        return self.scale * replace_target(cosine, label, turned)
