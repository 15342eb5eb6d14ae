"""What FitNet and F-SKD share: adapters between the student's features and the teacher's.

Legend: B faces, C and K channels of student and teacher, H x W places.
"""

from abc import ABC

from jaxtyping import Float
from torch import Tensor, nn

from foveate.distill.distiller import Distiller
from foveate.distill.exact import exact
from foveate.distill.paired import paired_features
from foveate.distill.trace import Trace
from foveate.errors import RecipeError


class AdaptedFeatures(Distiller, ABC):
    """A method that compares features through a 1 x 1 convolution (C to K) and BatchNorm behind each of the student's.

    Args:
        globs: after which modules features are compared.
        channels: the teacher's K at each of these; None: as many as the student's.
    """

    learns = True
    reads = ("output",)

    def __init__(self, globs: tuple[str, ...], channels: tuple[int, ...] | None) -> None:
        super().__init__()
        self.globs, self.channels = globs, channels
        self.adapters = nn.ModuleList()

    def prepare(self, student: Trace) -> None:
        own = tuple(call.output.shape[1] for glob in self.globs for call in student.caught[glob])
        wanted = own if self.channels is None else self.channels
        if len(own) != len(wanted):
            raise RecipeError(
                f"the student's features are seen at {len(own)} places, and channels of {len(wanted)} are given",
                remedy="Give the teacher's channels at each of them.",
            )
        self.adapters = nn.ModuleList(
            nn.Sequential(nn.Conv2d(ours, theirs, 1, bias=False), nn.BatchNorm2d(theirs))
            for ours, theirs in zip(own, wanted, strict=True)
        )

    def adapted(
        self, student: Trace, teacher: Trace
    ) -> list[tuple[Float[Tensor, "_ K H W"], Float[Tensor, "_ K H W"]]]:
        """The student's features behind their adapters, and the teacher's.

        Raises:
            RecipeError: there are no adapters yet, or the two have other shapes.
        """
        pairs = [pair for glob in self.globs for pair in paired_features(student, teacher, glob)]
        if len(self.adapters) != len(pairs):
            raise RecipeError("there are no adapters yet", remedy="Put the method into an Objective, which makes them.")
        found = [(exact(adapt(ours)), theirs) for adapt, (ours, theirs) in zip(self.adapters, pairs, strict=True)]
        for ours, theirs in found:
            if ours.shape != theirs.shape:
                raise RecipeError(
                    f"features are adapted to {ours.shape[1]} channels, the teacher's have {theirs.shape[1]}",
                    remedy="Say how many channels the teacher's features have.",
                )
        return found
