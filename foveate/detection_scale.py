"""How large an experiment on finding faces is: TinaFace's size, and one for two CPU cores."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, final

from foveate.backbones.resnet import Norm, groups_of
from foveate.scale import TrainingScale


@final
@dataclass(frozen=True)
class DetectionScale(TrainingScale):
    """Network and training of a detector; the defaults are TinaFace's (Zhu et al., 2020, and its released settings).

    Attributes:
        depth: of the ResNet: 18, 34, 50, 101 or 152.
        width: channels of its first stage.
        norm: GroupNorm ("group") or BatchNorm ("batch"), everywhere.
        deformable: stages whose 3 x 3 convolutions choose where they look.
        channels: of pyramid and towers.
        tower: 3 x 3 convolutions in each of the two towers.
        reduction: of the attention modules' perceptrons.
        size: side of the squares that are trained on, in pixels; more than 64. Smaller ones leave the level P6 a single
            place, and there oneDNN 3.12 returns memory nobody wrote as bfloat16 gradients of 3 x 3 convolutions.
        rows: of mosaics of photos, one number of which is drawn each time; 0 is a photo by itself.
        grey: share of the photos that lose their colours in training.
        fit: shorter and longer side, in pixels, that photos are brought within to be searched.
    """

    batch: int = 12
    epochs: int = 630
    learning_rate: float = 3.75e-3
    schedule: Literal["steps", "cosine"] = "cosine"
    cycles: int = 21
    floor: float = 0.01
    warmup: float = 0.00074  # TinaFace's 500 steps, but from nothing and not from a tenth
    evaluate_every: int = 30
    depth: int = 50
    width: int = 64
    norm: Norm = "group"
    deformable: tuple[int, ...] = (3, 4)
    channels: int = 256
    tower: int = 4
    reduction: int = 16
    size: int = 640
    rows: tuple[int, ...] = (0,)
    grey: float = 0.0
    fit: tuple[int, int] = (1100, 1650)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("width", "channels", "tower", "reduction"):
            self._check(name, getattr(self, name) >= 1, "Give 1 or more.")
        # Stages of the ResNet have 1, 2, 4 and 8 widths, branches of the inception neck a half and a quarter.
        parts = {"width": [self.width * 2**stage for stage in range(4)]}
        parts["channels"] = [self.channels // share for share in (1, 2, 4)]
        for name, counts in parts.items():
            odd = [count for count in counts if groups_of(count) is None]
            remedy = f"GroupNorm cannot group {odd[0]} channels: give a power of 2, say." if odd else ""
            self._check(name, self.norm == "batch" or not odd, remedy)
        self._check("channels", self.channels % 8 == 0, "Give a multiple of 8, which the inception neck divides.")
        self._check("deformable", {*self.deformable} <= {1, 2, 3, 4}, "Name stages of 1 to 4.")
        one = "A detector's loss is divided by all faces of its batch: give a smaller --batch."
        self._check("parts", self.parts == 1, one)
        self._check("recompute", not self.recompute, "Detectors cannot: give a smaller --batch or --size.")
        self._check("size", self.size > 64, "Give more than 64 pixels.")
        self._check("fit", min(self.fit) >= 32 and self.fit[0] <= self.fit[1], "Give two sides, the shorter first.")


def fit_of(card: Mapping[str, Any]) -> tuple[int, int]:
    """What photos are brought within for the model of a card; TinaFace's own sides if it does not say."""
    scale = card["arguments"].get("scale", {})
    return tuple(scale.get("fit", FULL.fit))


FULL: Final = DetectionScale()

SMALL: Final = DetectionScale(
    depth=18,
    width=32,
    deformable=(),
    channels=64,
    tower=2,
    reduction=4,
    size=320,
    rows=(1, 2, 3, 4),
    grey=0.3,
    fit=(640, 960),
    batch=8,
    epochs=20,
    learning_rate=0.01,
    cycles=1,
    warmup=0.05,
    floor=0.0,
    clip=10.0,
    evaluate_every=0,
)
"""For a few hundred photos of single faces, laid into mosaics; about half an hour a run on one core."""

SCALES: Final[dict[str, DetectionScale]] = {"full": FULL, "small": SMALL}
