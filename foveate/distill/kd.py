"""Knowledge distillation of logits (Hinton, Vinyals and Dean, 2015), as A-SKD+KD uses it (the authors' first release).

Legend: B faces, N classes.
"""

import math
from typing import final

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.trace import Trace
from foveate.errors import RecipeError


@final
class LogitKD(Distiller):
    """T^2 KL(softmax(teacher / T) || softmax(student / T)), summed over classes, mean over the batch.

    Both sides' logits carry the margin of the label, each from its own head.

    Args:
        temperature: T; 4 in the authors' code.
    """

    wants_logits = True
    across = True

    def __init__(self, temperature: float = 4.0) -> None:
        super().__init__()
        if not 0 < temperature < math.inf:
            raise RecipeError(f"--temperature is {temperature:g}", remedy="Give a number above 0.")
        self.temperature = temperature

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        if student.logits is None or teacher.logits is None:
            raise RecipeError(
                "logit distillation needs the logits of both heads", remedy="Give the teacher with its head."
            )
        ours, theirs = (F.log_softmax(logits / self.temperature, 1) for logits in (student.logits, teacher.logits))
        return self.temperature**2 * F.kl_div(ours, theirs, log_target=True, reduction="batchmean")
