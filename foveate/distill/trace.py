"""What one network did with one batch: what it answered, and where it looked.

Legend: B faces, D embedding size, N classes, R faces of all ranks.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from jaxtyping import Float, Shaped
from torch import Tensor

from foveate import distributed
from foveate.distill.exact import exact
from foveate.taps import Caught


@dataclass(frozen=True)
class Trace:
    """Attributes:
    embedding: the network's answer.
    logits: what the head made of it; None where no distiller asks for it.
    caught: for each glob of the distillers, what the modules matching it received and answered, in order.
    label: who the faces are, or what else was to be learnt; None where nobody said.
    """

    embedding: Float[Tensor, "B *answer"]
    logits: Float[Tensor, "B N"] | None
    caught: Mapping[str, tuple[Caught, ...]]
    label: Shaped[Tensor, "B *target"] | None = None

    def split(self, parts: int) -> "list[Trace]":
        """The traces of parts of the batch, in order, as ``torch.tensor_split`` cuts it.

        A module that saw several rows of each face (windowed attention) saw those of a face one after another.
        """
        faces = [len(part) for part in self.embedding.tensor_split(parts)]

        def rows(values: Tensor) -> tuple[Tensor, ...]:
            each = len(values) // len(self.embedding)
            return values.split([each * count for count in faces])

        cut = {
            glob: [(call, rows(call.input), rows(call.output)) for call in calls] for glob, calls in self.caught.items()
        }
        logits, label = (
            [None] * parts if values is None else values.tensor_split(parts) for values in (self.logits, self.label)
        )
        return [
            Trace(
                embedding,
                logits[part],
                {
                    glob: tuple(call._replace(input=a[part], output=b[part]) for call, a, b in calls)
                    for glob, calls in cut.items()
                },
                label[part],
            )
            for part, embedding in enumerate(self.embedding.tensor_split(parts))
        ]

    def gathered(self, globs: Collection[str], reads: Collection[str]) -> "Trace":
        """The trace of the faces of all ranks (R), with gradients; without logits, and of one rank the same trace.

        Args:
            globs: of which modules features are gathered; those of others stay this rank's own.
            reads: which side of their calls, "input" or "output"; the other loses its content.
        """
        if distributed.size() == 1:
            return self

        def side(call: Caught, name: str) -> Tensor:
            values: Tensor = getattr(call, name)
            return distributed.gathered(exact(values)) if name in reads else values.to("meta")

        together = {
            glob: tuple(
                call._replace(input=side(call, "input"), output=side(call, "output")) for call in self.caught[glob]
            )
            for glob in globs
        }
        # Boxes, of which each rank has as many columns as its fullest photo, are no names to be compared.
        label = None if self.label is None or self.label.ndim > 1 else distributed.gathered(self.label)
        return Trace(distributed.gathered(exact(self.embedding)), None, {**self.caught, **together}, label)
