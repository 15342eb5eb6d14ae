"""HORKD: hybrid order relational distillation (Ge et al., "Look One and More", AAAI 2020), as far as it is known.

Legend: B faces, D embedding size.

**This is a reconstruction.** Known is (from the abstract, and from Table 1 of the A-SKD paper) that there are three
streams: teacher, student, and an assistant that is a bridge between them; that the student keeps similarities of
several orders; and that the losses are L1 and Huber's. That the orders are single faces, pairs and triples is likely.
Equations, weights and the assistant's network were nowhere to be found, so these are ours:

    h(x, y) = w1 mean |x - y| + w2 Huber(distances of x, of y) + w3 Huber(angles of x, of y)
    loss    = h(student, assistant) + h(assistant, teacher),   assistant = W teacher + b,

with distances and angles as in RKD and its weights of classification (25 and 50). The assistant begins as the teacher
itself (W = 1, b = 0) and is trained with the student: it goes to meet it, as far as the teacher's relations allow.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.distill.distiller import Distiller
from foveate.distill.paired import paired_embeddings
from foveate.distill.rkd import angles, distances
from foveate.distill.trace import Trace


@final
class HybridOrderKD(Distiller):
    """L1 of single faces, Huber's loss of pairs and of triples, over an assistant between student and teacher.

    Args:
        first, second, third: weights of the three orders.
    """

    relational = True
    learns = True

    def __init__(self, first: float = 1.0, second: float = 25.0, third: float = 50.0) -> None:
        super().__init__()
        self.weights = first, second, third
        self.assistant: nn.Module = nn.Identity()

    def prepare(self, student: Trace) -> None:
        size = student.embedding.shape[1]
        made = nn.Linear(size, size)
        nn.init.eye_(made.weight)
        nn.init.zeros_(made.bias)
        self.assistant = made

    def forward(self, student: Trace, teacher: Trace) -> Float[Tensor, ""]:
        ours, theirs = paired_embeddings(student, teacher)
        with torch.autocast(ours.device.type, enabled=False):
            between = self.assistant(theirs)
        near, middle, far = (_orders(rows) for rows in (ours, between, theirs))
        return self._gap(near, middle) + self._gap(middle, far)

    def _gap(self, ours: tuple[Tensor, ...], theirs: tuple[Tensor, ...]) -> Float[Tensor, ""]:
        first, second, third = self.weights
        single = F.l1_loss(ours[0], theirs[0])
        pair, triple = (F.smooth_l1_loss(one, other) for one, other in zip(ours[1:], theirs[1:], strict=True))
        return first * single + second * pair + third * triple


def _orders(
    embedding: Float[Tensor, "B D"],
) -> tuple[Float[Tensor, "B D"], Float[Tensor, "B B"], Float[Tensor, "B B B"]]:
    return embedding, distances(embedding), angles(embedding)
