"""The training that is planned, and public training sets."""

from dataclasses import dataclass
from typing import Final, final

from foveate.cluster import flags
from foveate.errors import RecipeError
from foveate.precision import Precision


@final
@dataclass(frozen=True)
class Job:
    """What is to be trained.

    Attributes:
        images, identities: of the training set.
        epochs: passes over it.
        batch: faces a step on each GPU.
        sampling: share of the class centres that a step of a sampled head looks at (PartialFC).
        precision: of the networks.
    """

    images: int = 490_623
    identities: int = 10_572
    epochs: int = 20
    batch: int = 128
    sampling: float = 0.1
    precision: Precision = "bf16"

    def __post_init__(self) -> None:
        if self.identities < 2 or min(self.images, self.epochs, self.batch) < 1 or not 0 < self.sampling <= 1:
            raise RecipeError(
                f"{flags(self)} make no job", remedy="Give positive numbers, and a share of at most 1 to sample."
            )


@final
@dataclass(frozen=True)
class DataSet:
    """Size of a public training set, and where the numbers stand."""

    images: int
    identities: int
    source: str


DATA_SETS: Final = {
    "casia": DataSet(490_623, 10_572, "faces_webface_112x112 of insightface: CASIA-WebFace, cleaned"),
    "ms1mv2": DataSet(5_800_000, 85_742, "insightface: MS1M-ArcFace; Deng et al., CVPR 2019"),
    "webface42m": DataSet(42_000_000, 2_000_000, "Zhu et al., CVPR 2021; rounded, as in its abstract"),
    "imagenet": DataSet(1_281_167, 1_000, "ILSVRC 2012, photos and classes; Russakovsky et al., IJCV 2015"),
}
