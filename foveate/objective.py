"""The objective: student, head and distillers -> named losses."""

import copy
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, final

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.backbones.backbone import Backbone
from foveate.chance import integer
from foveate.distill.distiller import Distiller
from foveate.distill.trace import Trace
from foveate.errors import RecipeError
from foveate.heads.criterion import Criterion
from foveate.heads.head import Head
from foveate.heads.partial_fc import PartialFC
from foveate.taps import Taps
from foveate.views import Views


class Losses(NamedTuple):
    """One batch's losses."""

    total: Float[Tensor, ""]
    """Weighted sum, what is differentiated."""
    terms: dict[str, Float[Tensor, ""]]
    """Each loss by name, not weighted, detached."""


def weighted_mean(found: Sequence[tuple[float, Losses]]) -> Losses:
    """Losses of a whole batch from the weights (in all 1) and losses of its parts; without gradient."""

    def mean(values: Sequence[Tensor]) -> Tensor:
        return torch.stack([value.detach() * weight for value, (weight, _) in zip(values, found, strict=True)]).sum(0)

    names = found[0][1].terms
    return Losses(
        mean([losses.total for _, losses in found]),
        {name: mean([losses.terms[name] for _, losses in found]) for name in names},
    )


@dataclass(frozen=True)
class Weighted:
    """A distiller and its weight in the total.

    Attributes:
        distiller: the method.
        weight: at the beginning of training.
        end: the weight that it comes to, by equal steps, at the end of training; None to keep it.
    """

    distiller: Distiller
    weight: float
    end: float | None = None

    def __post_init__(self) -> None:
        for value in (self.weight, 0.0 if self.end is None else self.end):
            if not 0 <= value < math.inf:
                raise RecipeError(f"a method's weight is {value:g}", remedy="Give a number from 0 on.")

    def at(self, progress: float) -> float:
        """The weight at ``progress`` in [0, 1]."""
        return self.weight if self.end is None else self.weight + (self.end - self.weight) * progress


@final
class Objective(nn.Module):
    """All that is trained, and all that training is measured by.

    Args:
        network: the student; sees ``views.low``.
        head: the student's head; its loss has weight 1.
        distillers: weighted methods by the names their losses are logged under.

    Attributes:
        globs: names of the modules that distillers want to see, in both networks.
        reads: what of those modules' calls they read: "input", "output" or both.
        wants_logits: whether a distiller compares logits.
        relational: names of the distillers that compare faces with each other. Of several ranks, all of them compute
            these losses alike, over all faces; the mean over ranks that DDP takes of gradients is then that of one
            process with the whole batch.

    Raises:
        RecipeError: the network has no module that a distiller wants to see, or does not tell its size to one that
            learns (``Distiller.prepare``); or logits are wanted of a sharded head.
    """

    def __init__(
        self, network: nn.Module, head: Criterion | PartialFC, *, distillers: Mapping[str, Weighted] | None = None
    ) -> None:
        super().__init__()
        self.network, self.head = network, head
        weighted = dict(distillers or {})
        named = {name: item.distiller for name, item in weighted.items()}
        methods, together = tuple(named.values()), {name: made for name, made in named.items() if made.relational}
        self.distillers = nn.ModuleDict(named)
        self._weighted = weighted
        self.globs = tuple(dict.fromkeys(glob for method in methods for glob in method.globs))
        self.reads = tuple(sorted({side for method in methods if method.globs for side in method.reads}))
        self.wants_logits = any(method.wants_logits for method in methods)
        self.relational = tuple(together)
        self._gathers = tuple(dict.fromkeys(glob for method in together.values() for glob in method.gathers))
        self._taps = Taps(network, self.globs)
        _prepare({name: method for name, method in named.items() if method.learns}, network, self.globs)
        if self.wants_logits and not isinstance(head, Head):
            raise RecipeError(
                "logit distillation compares the logits of all classes in both heads, and "
                f"{type(head).__name__} never has them in one place",
                remedy="Use ArcFace, or a method that distils without logits (recipe askd).",
            )

    def forward(self, views: Views, progress: float = 1.0, teacher: Trace | None = None) -> Losses:
        """Losses of one batch.

        Args:
            views: what teacher and student see.
            progress: how far training is, in [0, 1].
            teacher: the teacher's trace of the same batch, for the distillers.

        Raises:
            RecipeError: there are distillers and no teacher's trace.
        """
        embedding, caught = self._taps(views.low)
        loss, logits, parts = self.head(embedding, views.target, progress)
        terms = {type(self.head).__name__.lower(): loss, **parts}
        total = loss
        if self._weighted:
            if teacher is None:
                raise RecipeError(
                    f"{', '.join(self._weighted)} cannot be computed without a teacher",
                    remedy="Pass its trace: LiveTeacher(network, globs=objective.globs)(views).",
                )
            alone = Trace(embedding, logits, caught, views.target), teacher
            together = [trace.gathered(self._gathers, self.reads) for trace in alone] if self.relational else alone
            for name, item in self._weighted.items():
                terms[name] = self.distillers[name](*(together if name in self.relational else alone))
                total = total + item.at(progress) * terms[name]
        return Losses(total, {name: value.detach() for name, value in terms.items()})


@torch.no_grad()
def _prepare(learning: Mapping[str, Distiller], network: nn.Module, globs: Sequence[str]) -> None:
    """Let distillers make weights of their own. What they draw changes nobody else's draws."""
    if not learning:
        return
    if not isinstance(network, Backbone):
        raise RecipeError(
            f"{', '.join(learning)} must know shapes, and {type(network).__name__} does not say what images it takes",
            remedy="Make the network a Backbone, which has a size.",
        )
    image = torch.empty(1, 3, network.size, network.size, device="meta")
    embedding, caught = Taps(copy.deepcopy(network).to("meta").eval(), globs)(image)
    for name, method in learning.items():
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(integer(f"weights of {name}", int(torch.randint(2**53, ()))))
            method.prepare(Trace(embedding, None, caught))
