"""F-KD: cross-resolution feature distillation (Massoli, Amato and Falchi, Image and Vision Computing 2020).

Legend: B faces, D embedding size.

The squared difference of the student's and the teacher's deep features, mean over faces and numbers; its weight is 0.1
in the authors' code.
"""

from typing import final

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.paired import paired_embeddings
from foveate.distill.trace import Trace


@final
class FeatureKD(Distiller):
    """Mean squared difference of the embeddings, which are not normalised."""

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        return F.mse_loss(*paired_embeddings(student, teacher))
