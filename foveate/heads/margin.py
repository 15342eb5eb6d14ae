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
        margin = grown(self.margin, self.warmup, progress)
        target = cosine.clamp(_EDGE - 1, 1 - _EDGE)
        sine = (1 - target.square()).sqrt()
        turned = target * math.cos(margin) - sine * math.sin(margin)
        if self.easy:
            return turned.where(target > 0, target)
        return turned.where(target > math.cos(math.pi - margin), target - margin * math.sin(margin))
