"""How large an experiment is: the paper's size, and one for two CPU cores."""

import math
from dataclasses import dataclass
from typing import Final, Literal, final

from foveate.errors import RecipeError
from foveate.schedule import Cosine, Schedule, Steps


@dataclass(frozen=True)
class TrainingScale:
    """How much any recipe trains, and with what optimiser.

    Attributes:
        batch: images a step.
        epochs: passes over the training set.
        learning_rate: of SGD with momentum 0.9.
        weight_decay: on every parameter, BatchNorm included.
        schedule: "steps" divides the rate by 10 at the milestones, "cosine" lowers it smoothly.
        milestones: epochs, counted from 1, at whose start the rate falls.
        cycles: how many times the cosine is run through, beginning with the full rate each time.
        floor: share of the rate that the cosine ends with.
        warmup: share of training over which the rate rises from 0.
        parts: a batch is worked through in this many parts, one after another, to need less memory; BatchNorm then sees
            the images of one part at a time.
        recompute: activations inside a block are computed again for the backward pass rather than kept.
        clip: largest norm of the gradient; None for no clipping.
        evaluate_every: epochs between evaluations; 0 evaluates at the end only.
    """

    batch: int = 128
    epochs: int = 20
    learning_rate: float = 0.1
    weight_decay: float = 5e-4
    schedule: Literal["steps", "cosine"] = "steps"
    milestones: tuple[int, ...] = (6, 11, 15, 17)
    cycles: int = 1
    floor: float = 0.0
    warmup: float = 0.0
    parts: int = 1
    recompute: bool = False
    clip: float | None = None
    evaluate_every: int = 5

    def __post_init__(self) -> None:
        self._check("parts", self.parts >= 1, "Give 1 or more.")
        for name in ("evaluate_every", "weight_decay"):
            self._check(name, getattr(self, name) >= 0, "Give 0 or more.")
        for name in ("warmup", "floor"):
            self._check(name, 0 <= getattr(self, name) < 1, "Give a share from 0 to below 1.")
        self._check("cycles", self.cycles >= 1, "Give 1 or more.")
        self._check("learning_rate", 0 < self.learning_rate < math.inf, "Give a number above 0.")
        small = self.batch // self.parts < 2 <= self.batch
        self._check("parts", not small, f"Give each part two images or more of the {self.batch} of a batch.")
        self._check("clip", self.clip is None or self.clip > 0, "Give a number above 0, or None.")
        places = sorted(self.milestones)
        sound = all(epoch >= 2 for epoch in places) and len({*places}) == len(places)
        self._check("milestones", sound, "Give different epochs, from the second on.")
        late = self.schedule == "steps" and self.milestones and max(self.milestones) > self.epochs > 0
        self._check("milestones", not late, f"There are {self.epochs} epochs: name milestones among them.")

    @property
    def factor(self) -> Schedule:
        """The factor on the learning rate over training."""
        if self.schedule == "steps":
            return Steps(self.warmup, self.epochs, self.milestones)
        return Cosine(self.warmup, self.cycles, self.floor)

    def _check(self, name: str, good: object, remedy: str) -> None:
        if not good:
            raise RecipeError(f"--{name.replace('_', '-')} is {getattr(self, name)}", remedy=remedy)


@final
@dataclass(frozen=True)
class Scale(TrainingScale):
    """Network and training of a face recipe; the defaults are the paper's (docs/training.md).

    Attributes:
        backbone: a file name in foveate/backbones; flags it does not know (a depth, for MobileFaceNet) are ignored.
        head: a file name in foveate/heads, the rule that turns embeddings into a loss.
        depth: of the IResNet: 18, 34, 50, 100 or 152.
        width: channels of the first stage.
        stem_stride: 2 makes the network four times cheaper.
        embedding: size of the embedding.
        reduction: of the attention modules' perceptrons.
        dropout: before the last linear layer.
        margin_warmup: share of training over which the margin of the head rises from 0; SphereFace has a warm-up of its
            own, and heads without a margin have nothing to warm up.
        sample: share of the other classes whose centres a step compares with (PartialFC: the centres are spread over
            the ranks; with ArcFace only); None for all of them in one place.
        crop: faces are moved by up to this many pixels each way in training.
    """

    backbone: str = "iresnet"
    head: str = "arcface"
    depth: int = 50
    width: int = 64
    stem_stride: int = 1
    embedding: int = 512
    reduction: int = 16
    dropout: float = 0.4
    margin_warmup: float = 0.0
    sample: float | None = None
    crop: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("width", "stem_stride", "embedding", "reduction"):
            self._check(name, getattr(self, name) >= 1, "Give 1 or more.")
        self._check("crop", self.crop >= 0, "Give 0 or more.")
        for name in ("dropout", "margin_warmup"):
            self._check(name, 0 <= getattr(self, name) < 1, "Give a share from 0 to below 1.")
        self._check("sample", self.sample is None or 0 < self.sample <= 1, "Give a share above 0, up to 1.")
        self._check("sample", self.sample is None or self.parts == 1, "Do without --parts, or without --sample.")
        alike = self.head != "adaface" or self.parts == 1
        self._check("parts", alike, "Do without --parts, or without --head adaface, which measures whole batches.")
        sharded = self.sample is None or self.head == "arcface"
        self._check("sample", sharded, f"Do without --sample, or without --head {self.head}: PartialFC is ArcFace's.")
        together = self.sample is not None and self.clip is not None
        self._check("clip", not together, "Do without --clip or --sample: the norm of spread gradients is not known.")


FULL: Final = Scale()

SMALL: Final = Scale(
    depth=18,
    width=16,
    stem_stride=2,
    reduction=4,
    epochs=10,
    schedule="cosine",
    warmup=0.05,
    margin_warmup=0.4,
    evaluate_every=0,
)
"""Minutes a run on two cores. With 16 channels the usual reduction of 16 would leave one hidden unit."""

SCALES: Final[dict[str, Scale]] = {"full": FULL, "small": SMALL}
