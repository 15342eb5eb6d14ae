"""PartialFC (An et al., CVPR Workshops 2021 and CVPR 2022): ArcFace over class centres that are spread over the ranks.

Legend: B faces of this rank, R faces of all ranks, D embedding size, N classes, n classes of this rank, M sampled ones.

With millions of classes the centres, their gradient, their momentum and the logits outgrow a device. Here each rank
keeps the centres of its share of the classes; every rank scores the faces of all ranks against its own centres, and the
softmax runs over all of them, exactly (log-sum-exp with the maximum taken out; nothing is clamped). Of its centres a
rank may take a sample in each step: those of the faces in the batch, and others drawn by chance, which alone are then
updated.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Self, final

import torch
import torch.distributed as dist
from jaxtyping import Float, Int64
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from foveate import distributed
from foveate.chance import integer
from foveate.errors import CheckpointError, RecipeError
from foveate.files import write_bytes
from foveate.heads.arcface import ArcFace
from foveate.heads.criterion import Scored
from foveate.heads.margin import AngularMargin

_BLOCK: Final = 4096


class _Active(NamedTuple):
    """The centres that took part in a step."""

    numbers: Int64[Tensor, " M"] | None
    """Their numbers on this rank; None for all."""
    centres: Float[Tensor, "M D"]
    """Gets the gradient."""


@final
class PartialFC(nn.Module):
    """ArcFace's loss over sharded and sampled class centres. It updates its centres itself (``update``).

    Args:
        embedding: D.
        classes: N.
        sample: share of this rank's centres in each step, in (0, 1]. The classes of all faces of the batch always take
            part, even if they are more.
        scale, margin, easy_margin, warmup: as for ``ArcFace``.

    Attributes:
        weight, velocity: (n, D), the centres of this rank's classes and their momentum. They are no parameters: neither
            the network's optimiser nor DDP has to do with them.

    Raises:
        RecipeError: a share out of range.
    """

    def __init__(
        self,
        embedding: int,
        classes: int,
        *,
        sample: float = 1.0,
        scale: float = 32.0,
        margin: float = 0.5,
        easy_margin: bool = False,
        warmup: float = 0.0,
    ) -> None:
        super().__init__()
        if not 0 < sample <= 1:
            raise RecipeError(f"a sample of {sample} of the class centres", remedy="Give a share above 0, up to 1.")
        self.embedding, self.classes, self.sample, self.scale = embedding, classes, sample, scale
        self.margin = AngularMargin(margin, easy_margin, warmup)
        self._mine = distributed.share(classes)
        self.weight = _first_centres(self._mine, embedding)
        self.velocity = torch.zeros_like(self.weight)
        self._active: _Active | None = None

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Moves the centres with the module."""
        self.weight, self.velocity = fn(self.weight), fn(self.velocity)
        return super()._apply(fn, recurse)

    def as_arcface(self) -> dict[str, Any]:
        """The constructor call of the ArcFace head with the same classes, as ``foveate.blueprint`` writes it."""
        margin = {"margin": self.margin.margin, "easy_margin": self.margin.easy, "warmup": self.margin.warmup}
        arguments = {"embedding": self.embedding, "classes": self.classes, "scale": self.scale, **margin}
        return {"call": f"{ArcFace.__module__}:{ArcFace.__name__}", "arguments": arguments}

    def forward(self, embedding: Float[Tensor, "B D"], label: Int64[Tensor, " B"], progress: float = 1.0) -> Scored:
        """Cross-entropy over all N classes (or the sampled ones), mean over the faces of all ranks.

        The value is divided by what ``foveate.trainee`` multiplies it with, so that the gradient is that of the mean
        over all faces. The logits are those of this rank's classes for the faces of all ranks.
        """
        with torch.autocast(embedding.device.type, enabled=False):
            rows, labels = _scaled(distributed.gathered(embedding.to(self.weight.dtype))), distributed.gathered(label)
            here = (labels >= self._mine.start) & (labels < self._mine.stop)
            index, column = self._choose(labels - self._mine.start, here)
            centres = self.weight if index is None else self.weight[index]
            self._active = _Active(index, centres.detach().requires_grad_(torch.is_grad_enabled()))
            centres = self._active.centres
            cosine = nn.functional.normalize(rows, eps=1e-12) @ centres.T
            cosine = cosine / centres.norm(dim=1).clamp_min(1e-12)
            logits = self._with_margin(cosine, column, here, progress)
            share = len(label) * distributed.size() / len(labels)
            return Scored(_Softmax.apply(logits, column, here) / share, logits)

    def _choose(
        self, local: Int64[Tensor, " R"], here: Tensor
    ) -> tuple[Int64[Tensor, " M"] | None, Int64[Tensor, " R"]]:
        """Which centres take part, and in which column of the logits the class of each face stands (0 if elsewhere)."""
        column = local.where(here, 0)
        if self.sample == 1:
            return None, column
        positive = local[here].unique()
        count = max(int(self.sample * len(self._mine)), len(positive), 1)
        score = torch.rand(len(self._mine), device=local.device)
        score[positive] = 2.0
        index = score.topk(count).indices.sort().values
        return index, torch.searchsorted(index, column).where(here, 0)

    def _with_margin(self, cosine: Tensor, column: Tensor, here: Tensor, progress: float) -> Float[Tensor, "R M"]:
        face = here.nonzero()[:, 0]
        turned = self.margin(cosine[face, column[face]], progress)
        return self.scale * cosine.index_put((face, column[face]), turned)

    @torch.no_grad()
    def update(self, *, rate: float, momentum: float, decay: float) -> None:
        """One step of SGD with Nesterov momentum on the centres that took part; the others stay where they are.

        Nothing happens after a forward pass without a backward pass.

        Args:
            rate: learning rate.
            momentum: of Nesterov.
            decay: weight decay, of these centres.
        """
        if self._active is None or self._active.centres.grad is None:
            return
        (numbers, centres), self._active = self._active, None
        assert centres.grad is not None
        gradient = centres.grad.add_(centres.detach(), alpha=decay)
        velocity = self.velocity if numbers is None else self.velocity[numbers]
        velocity.mul_(momentum).add_(gradient)
        gradient.add_(velocity, alpha=momentum)
        if numbers is None:
            self.weight.sub_(gradient, alpha=rate)
        else:
            self.velocity.index_copy_(0, numbers, velocity)
            self.weight.index_add_(0, numbers, gradient, alpha=-rate)

    @torch.no_grad()
    def whole(self) -> Float[Tensor, "N D"]:
        """All N centres as one matrix, on every rank."""
        return distributed.gathered(self.weight)

    @torch.no_grad()
    def begin_as(self, centres: Float[Tensor, "N D"]) -> None:
        """Take over the centres of all classes; each rank its own."""
        self.weight.copy_(centres[self._mine.start : self._mine.stop])

    def save(self, folder: Path) -> None:
        """Write this rank's centres and their momentum to a file of its own in ``folder``."""
        rank, first = distributed.rank(), str(self._mine.start)
        tensors = {"weight": self.weight.cpu().contiguous(), "velocity": self.velocity.cpu().contiguous()}
        write_bytes(folder / f"centres-{rank:05d}.safetensors", save(tensors, {"first": first}))

    def load(self, folder: Path) -> None:
        """Read this rank's centres from the files that any number of ranks wrote.

        Raises:
            CheckpointError: the files do not hold all of them.
        """
        missing = len(self._mine)
        for file in sorted(folder.glob("centres-*.safetensors")):
            try:
                missing -= self._load(file)
            except (SafetensorError, KeyError) as error:
                remedy = "Delete the checkpoint to resume from the one before."
                raise CheckpointError(f"the file is damaged ({error})", file=file, remedy=remedy) from error
        if missing:
            raise CheckpointError(
                f"{missing:,} class centres are not in the files here",
                file=folder,
                remedy="Restore all centres-*.safetensors, or delete the checkpoint to resume from the one before.",
            )

    def _load(self, file: Path) -> int:
        """Read what one file holds of this rank's centres; how many these are."""
        with safe_open(file, "pt") as stored:
            first = int((stored.metadata() or {})["first"])
            parts = {name: stored.get_slice(name) for name in ("weight", "velocity")}
            count = parts["weight"].get_shape()[0]
            start, stop = max(first, self._mine.start), min(first + count, self._mine.stop)
            if start >= stop:
                return 0
            for name, part in parts.items():
                own = getattr(self, name)[start - self._mine.start : stop - self._mine.start]
                own.copy_(part[start - first : stop - first])
            return stop - start


def _first_centres(numbers: range, embedding: int) -> Float[Tensor, "n D"]:
    """N(0, 0.01), drawn in blocks of classes, so that a class begins alike on any number of ranks."""
    blocks = range(numbers.start // _BLOCK, -(-numbers.stop // _BLOCK))
    drawn = torch.empty(len(numbers), embedding)
    for block in blocks:
        start, stop = max(block * _BLOCK, numbers.start), min((block + 1) * _BLOCK, numbers.stop)
        generator = torch.Generator().manual_seed(integer("centres", torch.initial_seed() % 2**62, block))
        part = torch.randn(_BLOCK, embedding, generator=generator).mul_(0.01)
        drawn[start - numbers.start : stop - numbers.start] = part[start - block * _BLOCK : stop - block * _BLOCK]
    return drawn


def _scaled(rows: Tensor) -> Tensor:
    """The same rows; their gradient is multiplied by the number of ranks, over which DDP will take the mean."""
    if rows.requires_grad and distributed.size() > 1:
        rows.register_hook(lambda gradient: gradient * distributed.size())
    return rows


class _Softmax(torch.autograd.Function):
    """Mean cross-entropy over columns that are spread over ranks: log sum exp(z) - z_y, the maximum taken out."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, column: Tensor, here: Tensor) -> Tensor:
        largest = logits.detach().amax(1)
        target = logits.gather(1, column[:, None])[:, 0].where(here, 0)
        if distributed.size() > 1:
            dist.all_reduce(largest, dist.ReduceOp.MAX)
            dist.all_reduce(target)
        shares = (logits - largest[:, None]).exp_()
        total = distributed.summed(shares.sum(1))
        shares /= total[:, None]
        ctx.save_for_backward(shares, column, here)
        return (total.log() + largest - target).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        shares, column, here = ctx.saved_tensors
        answer = shares.clone()
        face = here.nonzero()[:, 0]
        answer[face, column[face]] -= 1
        return answer.mul_(gradients[0] / len(shares)), None, None
