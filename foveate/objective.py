"""The objective: student and its head, teacher and its head, distillers -> named losses.

Legend: B faces, D embedding size, N classes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, Self, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.distill.distiller import Distiller
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.heads.head import Head
from foveate.taps import Taps
from foveate.views import Views


class Losses(NamedTuple):
    """One batch's losses."""

    total: Float[Tensor, ""]
    """Weighted sum, what is differentiated."""
    terms: dict[str, Float[Tensor, ""]]
    """Each loss by name, not weighted, detached."""


@dataclass(frozen=True)
class Weighted:
    """A distiller and its weight in the total."""

    distiller: Distiller
    weight: float


@final
class Objective(nn.Module):
    """All that is trained, and all that training is measured by.

    Args:
        network: the student; sees ``views.low``.
        head: the student's head; its loss has weight 1.
        distillers: weighted methods by the names their losses are logged under.
        teacher: sees ``views.high``; frozen, in evaluation mode. Needed by distillers.
        teacher_head: needed by distillers that compare logits.

    Raises:
        RecipeError: distillers without a teacher, logits without the teacher's head, or heads of different classes.
    """

    def __init__(
        self,
        network: nn.Module,
        head: Head,
        *,
        distillers: Mapping[str, Weighted] | None = None,
        teacher: nn.Module | None = None,
        teacher_head: Head | None = None,
    ) -> None:
        super().__init__()
        self.network, self.head = network, head
        weighted = dict(distillers or {})
        self.distillers = nn.ModuleDict({name: item.distiller for name, item in weighted.items()})
        self._weights = {name: item.weight for name, item in weighted.items()}
        self._wants_logits = any(item.distiller.wants_logits for item in weighted.values())
        globs = tuple(dict.fromkeys(glob for item in weighted.values() for glob in item.distiller.globs))
        self._student_taps = Taps(network, globs)
        self._check(teacher, teacher_head)
        self.teacher = teacher
        self.teacher_head = teacher_head if self._wants_logits else None
        self._teacher_taps = None if teacher is None else Taps(teacher, globs)
        for module in (self.teacher, self.teacher_head):
            if module is not None:
                module.requires_grad_(False)
        self.train()

    def _check(self, teacher: nn.Module | None, teacher_head: Head | None) -> None:
        if self._weights and teacher is None:
            raise RecipeError(
                f"{', '.join(self._weights)} cannot be computed without a teacher",
                remedy="Train one first (foveate train teacher) and pass its checkpoint.",
            )
        if not self._wants_logits:
            return
        if teacher_head is None:
            raise RecipeError("logit distillation needs the teacher's head", remedy="Pass the teacher with its head.")
        if len(teacher_head.weight) != len(self.head.weight):
            raise RecipeError(
                f"the teacher knows {len(teacher_head.weight)} classes, the data have {len(self.head.weight)}",
                remedy="Logit distillation needs a teacher trained on the same identities; without it, drop KD.",
            )

    def train(self, mode: bool = True) -> Self:
        """Training mode for all but the teacher, which stays in evaluation mode."""
        super().train(mode)
        for module in (self.teacher, self.teacher_head):
            if module is not None:
                module.eval()
        return self

    def forward(self, views: Views, progress: float = 1.0, teacher: Trace | None = None) -> Losses:
        """Losses of one batch.

        Args:
            views: what teacher and student see.
            progress: how far training is, in [0, 1].
            teacher: a ready teacher trace (from a cache, or shared by several students); computed if absent.
        """
        embedding, caught = self._student_taps(views.low)
        loss, logits = self.head(embedding, views.target, progress)
        terms = {type(self.head).__name__.lower(): loss}
        total = loss
        if self._weights:
            teacher = teacher or self.trace_teacher(views, progress)
            student = Trace(embedding, logits, caught)
            for name, weight in self._weights.items():
                terms[name] = self.distillers[name](student, teacher)
                total = total + weight * terms[name]
        return Losses(total, {name: value.detach() for name, value in terms.items()})

    @torch.no_grad()
    def trace_teacher(self, views: Views, progress: float = 1.0) -> Trace:
        """What the teacher answers and where it looks, without gradients."""
        if self._teacher_taps is None:
            raise RecipeError("this objective has no teacher", remedy="Make it with one.")
        embedding, caught = self._teacher_taps(views.high)
        scored = self.teacher_head(embedding, views.target, progress) if self.teacher_head is not None else None
        return Trace(embedding, None if scored is None else scored.logits, caught)

    def trained_state(self) -> dict[str, Tensor]:
        """Parameters and buffers of all that is trained: all but the teacher's."""
        return {name: value for name, value in self.state_dict().items() if not name.startswith("teacher")}
