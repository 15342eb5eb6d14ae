"""ArcFace (Deng et al., CVPR 2019): an additive angular margin (equation 2 of the A-SKD paper).

Legend: B faces, D embedding size, N classes.
"""

import math
from typing import Final, final

from jaxtyping import Float, Int64
from torch import Tensor

from foveate.heads.head import Head, grown, replace_target

_EDGE: Final = 1e-6
"""Cosines are kept this far from -1 and 1, where the derivative of the sine would be infinite."""


@final
class ArcFace(Head):
    """Logits s cos(theta + m) at the own class, s cos(theta) elsewhere.

    Beyond theta = pi - m, where cos(theta + m) would rise again, the target is cos(theta) - m sin(m), as in the
    authors' code; with ``easy_margin`` it is left as it is beyond pi / 2.

    Args:
        embedding: D.
        classes: N.
        scale: s.
        margin: m in radians.
        easy_margin: see above.
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
        self.scale, self.margin, self.easy_margin, self.warmup = scale, margin, easy_margin, warmup

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        margin = grown(self.margin, self.warmup, progress)
        cosine = self.cosine(embedding)
        target = cosine.gather(1, label[:, None])[:, 0].clamp(_EDGE - 1, 1 - _EDGE)
        sine = (1 - target.square()).sqrt()
        turned = target * math.cos(margin) - sine * math.sin(margin)
        if self.easy_margin:
            turned = turned.where(target > 0, target)
        else:
            turned = turned.where(target > math.cos(math.pi - margin), target - margin * math.sin(margin))
        return self.scale * replace_target(cosine, label, turned)
