"""The plain path: a training step that does what the authors' released code does, in our own words.

Legend: B faces, N classes, D embedding size, H x W pixels.

Float32 and the contiguous layout (channels first); each face flipped and degraded by itself before the step; teacher
and student in eager mode, in PyTorch's own modules; hooks that keep every attention map; ArcFace over a one-hot matrix;
SGD without foreach. Decoding is not part of the step, on either path.

It is what our path is measured against, with the C library's own allocator, which the released code leaves as it is, on
one side and freed memory kept on the other: ``Candidate(step, keep_memory=False)``, or, because an allocator does not
forget what ran before in its process, ``Apart``. Timed with freed memory kept it shows what that alone is worth.
"""

from collections.abc import Callable
from typing import final

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.bench.plain_faces import plain_views
from foveate.bench.plain_head import PlainArcFace
from foveate.bench.plain_network import PlainIResNet
from foveate.bench.trial import Trial, batch_of

WEIGHT = 5.0
"""Of every map's cosine distance (released code)."""

Step = Callable[[], Float[Tensor, ""]]


@final
class PlainTraining:
    """Networks, heads and optimiser of the released code; with a teacher it distils (A-SKD), without one it does not.

    Args:
        student: the network that is trained.
        head: its head, trained too.
        teacher: a network like the student and its head, or None. They are put into evaluation mode. The head's logits
            are computed and dropped, as the authors do.
        device: where all of it runs.
    """

    def __init__(
        self,
        student: PlainIResNet,
        head: PlainArcFace,
        teacher: tuple[PlainIResNet, PlainArcFace] | None = None,
        *,
        device: torch.device | None = None,
    ) -> None:
        self.device = device or torch.device("cpu")
        self.student, self.head = student.to(self.device).train(), head.to(self.device).train()
        self.teacher = None if teacher is None else tuple(module.to(self.device).eval() for module in teacher)
        self._ours, self._theirs = _catch(student), [] if teacher is None else _catch(teacher[0])
        self.optimiser = torch.optim.SGD(
            [*student.parameters(), *head.parameters()],
            lr=0.1,
            momentum=0.9,
            nesterov=True,
            weight_decay=5e-4,
            foreach=False,
        )

    def loss(
        self, high: Float[Tensor, "B 3 H W"], low: Float[Tensor, "B 3 H W"], label: Int64[Tensor, " B"]
    ) -> Float[Tensor, ""]:
        """ArcFace, and with a teacher five times the cosine distance of each map before its sigmoid, added up."""
        self._ours.clear()
        self._theirs.clear()
        if self.teacher is not None:
            network, head = self.teacher
            with torch.no_grad():
                head(network(high), label)
        loss = F.cross_entropy(self.head(self.student(low), label), label)
        for ours, theirs in zip(self._ours, self._theirs, strict=self.teacher is not None):
            loss = loss + WEIGHT * (1 - F.cosine_similarity(ours.flatten(1), theirs.flatten(1))).mean()
        return loss

    def step(
        self, high: Float[Tensor, "B 3 H W"], low: Float[Tensor, "B 3 H W"], label: Int64[Tensor, " B"]
    ) -> Float[Tensor, ""]:
        """One update of the student and its head; returns the loss."""
        loss = self.loss(high.to(self.device), low.to(self.device), label.to(self.device))
        self.optimiser.zero_grad()
        loss.backward()
        self.optimiser.step()
        return loss.detach()


def plain_step(
    training: PlainTraining, images: UInt8[Tensor, "B H W 3"], label: Int64[Tensor, " B"], *, side: int = 14
) -> Step:
    """A training step over the same batch of decoded faces again and again: views one by one, then the update.

    Args:
        training: networks, heads and optimiser.
        images: RGB.
        label: class of each face.
        side: of the small face in pixels.
    """
    generator = torch.Generator().manual_seed(0)

    def step() -> Float[Tensor, ""]:
        mirrored = (torch.rand(len(images), generator=generator) < 0.5).tolist()
        faces = zip(images.numpy(), mirrored, strict=True)
        views = [plain_views(face, side=side, mirrored=flip) for face, flip in faces]
        high, low = (torch.stack(part) for part in zip(*views, strict=True))
        return training.step(high, low, label)

    return step


def plain_step_of(trial: Trial, batch: int, *, distil: bool, device: str = "cpu") -> Step:
    """A training step at the size of a trial, with random weights: speed does not depend on them.

    Args:
        trial: network, identities and faces; its preset decides the side of CBAM's spatial convolution.
        batch: B.
        distil: whether there is a teacher.
        device: where all of it runs.
    """
    heads = [PlainArcFace(trial.scale.embedding, trial.classes) for _ in range(2)]
    student, teacher = (plain_network(trial) for _ in range(2))
    training = PlainTraining(student, heads[0], (teacher, heads[1]) if distil else None, device=torch.device(device))
    faces = batch_of(trial, batch)
    return plain_step(training, faces.images, faces.label)


def plain_network(trial: Trial) -> PlainIResNet:
    """The network of a trial's scale and preset."""
    return PlainIResNet.of(trial.scale, kernel=3 if trial.preset == "released" else 7)


def _catch(network: nn.Module) -> list[Tensor]:
    """Hooks that append what every attention gate receives to a list, which their owner clears."""
    caught: list[Tensor] = []
    for name, module in network.named_modules():
        if name.endswith(".gate"):
            module.register_forward_hook(lambda _module, received, _answer: caught.append(received[0]))
    return caught
