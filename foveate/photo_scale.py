"""How large an experiment on photos of objects is: the paper's size, and one for two CPU cores."""

from dataclasses import dataclass
from typing import Final, final

from foveate.scale import TrainingScale


@final
@dataclass(frozen=True)
class PhotoScale(TrainingScale):
    """Network and training of a recipe on photos; the defaults are ImageNet's usual ones (docs/objects.md).

    Attributes:
        backbone: a file name in foveate/backbones: resnet, or timm for any network of that library.
        model: name of timm's network, where it is one.
        depth: of the ResNet: 18, 34, 50, 101 or 152.
        width: channels of the first stage.
        reduction: of the attention modules' perceptrons.
        dropout: before the classes.
        size: side of the photos that the network takes, in pixels; more than 32. Smaller ones leave the last stage of a
            ResNet a single place, and there oneDNN 3.12 returns memory nobody wrote as bfloat16 gradients of 3 x 3
            convolutions.
        least: in training, the share of a photo's area that a crop has at least.
        share: in evaluation, the share of a photo's shorter side that the square in its middle has.
    """

    batch: int = 256
    epochs: int = 90
    weight_decay: float = 1e-4
    milestones: tuple[int, ...] = (31, 61, 81)
    backbone: str = "resnet"
    model: str = "resnet18"
    depth: int = 18
    width: int = 64
    reduction: int = 16
    dropout: float = 0.0
    size: int = 224
    least: float = 0.08
    share: float = 0.875

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("width", "reduction"):
            self._check(name, getattr(self, name) >= 1, "Give 1 or more.")
        self._check("size", self.size > 32, "Give more than 32 pixels.")
        self._check("dropout", 0 <= self.dropout < 1, "Give a share from 0 to below 1.")
        for name in ("least", "share"):
            self._check(name, 0 < getattr(self, name) <= 1, "Give a share above 0, up to 1.")


FULL: Final = PhotoScale()

SMALL: Final = PhotoScale(
    width=24,
    reduction=4,
    size=112,
    least=0.35,
    share=1.0,
    batch=64,
    epochs=30,
    learning_rate=0.05,
    weight_decay=5e-4,
    schedule="cosine",
    warmup=0.05,
    evaluate_every=0,
)
"""Minutes a run on two cores, for a few thousand photos of 112 pixels."""

SCALES: Final[dict[str, PhotoScale]] = {"full": FULL, "small": SMALL}
