"""The additive angular margin of ArcFace (Deng et al., CVPR 2019), apart from the head that uses it.

Legend: B faces.
"""

import math
from dataclasses import dataclass
from typing import Final, final

from jaxtyping import Float
from torch import Tensor

from foveate.heads.head import grown

_EDGE: Final = 1e-6
"""Cosines are kept this far from -1 and 1, where the derivative of the sine would be infinite."""


@final
@dataclass(frozen=True)
class AngularMargin:
    """cos(theta) -> cos(theta + m).

    Beyond theta = pi - m, where cos(theta + m) would rise again, the answer is cos(theta) - m sin(m), as in the
    authors' code; with ``easy`` it is cos(theta) beyond pi / 2.

    Attributes:
        margin: m in radians.
        easy: see above.
        warmup: share of training over which the margin grows from 0.
    """

    margin: float = 0.5
    easy: bool = False
    warmup: float = 0.0

    def __call__(self, cosine: Float[Tensor, " B"], progress: float) -> Float[Tensor, " B"]:
        """Cosines with each face's own class, -1 to 1, with the margin at this ``progress`` of training."""
        return turned(cosine, grown(self.margin, self.warmup, progress), easy=self.easy)


def turned(cosine: Float[Tensor, " B"], margin: Float[Tensor, " B"] | float, *, easy: bool) -> Float[Tensor, " B"]:
    """cos(theta) -> cos(theta + m) as ``AngularMargin`` says, for one m or for one of each face."""
    if isinstance(margin, Tensor):
        cos, sin = margin.cos(), margin.sin()
    else:
        cos, sin = math.cos(margin), math.sin(margin)
    target = cosine.clamp(_EDGE - 1, 1 - _EDGE)
    sine = (1 - target.square()).sqrt()
    answer = target * cos - sine * sin
    if easy:
        return answer.where(target > 0, target)
    return answer.where(target > -cos, target - margin * sin)
