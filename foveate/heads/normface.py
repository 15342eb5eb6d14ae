"""NormFace (Wang et al., ACM MM 2017): logits s cos(theta), no margin.

Legend: B faces, D embedding size, N classes.
"""

from typing import final

from jaxtyping import Float, Int64
from torch import Tensor

from foveate.heads.head import Head


@final
class NormFace(Head):
    """Scaled cosines.

    Args:
        embedding: D.
        classes: N.
        scale: s.
    """

    def __init__(self, embedding: int, classes: int, *, scale: float = 32.0) -> None:
        super().__init__(embedding, classes)
        self.scale = scale

    def logits(
        self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float
    ) -> Float[Tensor, "B N"]:
        return self.scale * self.cosine(embedding)
