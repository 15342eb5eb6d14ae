"""Two views of the same images: sharp for the teacher, degraded for the student.

Legend: B faces, H x W pixels.

The one place where colour order and value range are declared: decoded images are uint8 RGB, networks see
float32 in [-1, 1], channels first, in the colour order stated here.
"""

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, NamedTuple, Self, final

import torch
from jaxtyping import Float, Int64, Shaped, UInt8
from torch import Tensor

from foveate.chance import uniform
from foveate.degrade.degradation import Degradation
from foveate.degrade.preset import Preset
from foveate.degrade.sharp import Sharp
from foveate.errors import RecipeError


class Batch(NamedTuple):
    """What the loader hands out."""

    images: UInt8[Tensor, "B H W 3"]
    """Decoded, RGB, 0 to 255."""
    label: Shaped[Tensor, "B *target"]
    """What is to be learnt of each image: the number of its class, or boxes around its faces."""
    position: Int64[Tensor, " B"]
    """Number of each image in its data set, the key of all that is drawn for it; stays on the CPU."""


class Views(NamedTuple):
    """What the objective takes."""

    high: Float[Tensor, "B 3 H W"]
    """What the teacher sees."""
    low: Float[Tensor, "B 3 H W"]
    """What the student sees: the same faces, flipped and cropped the same way, with fewer details."""
    target: Shaped[Tensor, "B *target"]
    """What the student is to answer: classes, or boxes in the pixels of the views."""
    seen: Int64[Tensor, " B"] | None = None
    """On the CPU: which of all sharp views each one is, twice its position and one more for a mirror image; None where
    there are more than these (crops)."""


def split(views: Views, parts: int) -> list[Views]:
    """The views of parts of a batch, in order, as ``torch.tensor_split`` cuts it."""
    cut = [[None] * parts if value is None else value.tensor_split(parts) for value in views]
    return [Views(*each) for each in zip(*cut, strict=True)]  # pyright: ignore[reportArgumentType] -- None only where it may be


class TwoViews(ABC):
    """What a task shows teacher and student of a batch; subclasses are frozen dataclasses.

    Attributes:
        degrade: what takes the details away.
    """

    degrade: Degradation

    @abstractmethod
    def __call__(self, batch: Batch, *, seed: int, epoch: int) -> Views:
        """The views of a training batch; all that is drawn is a function of (seed, epoch, position)."""

    @abstractmethod
    def normalise(self, images: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
        """Decoded images as networks see them, not degraded."""

    @abstractmethod
    def sharp(self, batch: Batch) -> tuple[Views, ...]:
        """All sharp views of some images, the images as they are and mirrored; they stand in for the degraded ones.

        Raises:
            RecipeError: there are more than these two of each image.
        """

    @property
    @abstractmethod
    def channels(self) -> str:
        """Order and range of what networks see: those of teacher and student must be the same."""

    @property
    @abstractmethod
    def shared(self) -> tuple[object, ...]:
        """All that the sharp view depends on: students with the same can share a teacher's pass."""

    @property
    def preset(self) -> Preset:
        """The preset that a network with these views was trained under, as far as they tell."""
        return "released" if "released" in self.degrade.title else "paper"

    def see(self, images: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
        """Decoded images as the student sees them in evaluation: degraded, nothing drawn by chance."""
        return self.degrade(self.normalise(images))

    def with_degradation(self, degrade: Degradation) -> Self:
        """The same views of another degradation."""
        return dataclasses.replace(self, degrade=degrade)  # pyright: ignore[reportArgumentType] -- subclasses are dataclasses

    def apart(self) -> tuple[Self, ...]:
        """The same views, once for each single degradation, to be judged one by one."""
        return tuple(self.with_degradation(single) for single in self.degrade.choices_apart)

    def named_apart(self) -> tuple[tuple[Self, str], ...]:
        """The same, each with what the name of a set has behind it: nothing where there is one degradation only."""
        apart = self.apart()
        return tuple((view, f" at {view.degrade.title}" if len(apart) > 1 else "") for view in apart)


@final
@dataclass(frozen=True)
class FaceViews(TwoViews):
    """Flip, crop and degrade a batch of faces on its device.

    Attributes:
        degrade: what takes the details away.
        colour: order of the channels the networks see; ``bgr`` in the released code.
        flip: probability of a mirror image in training.
        crop: in training the face is moved by up to this many pixels each way, borders repeated; 0 in the paper.
    """

    degrade: Degradation = Sharp()
    colour: Literal["rgb", "bgr"] = "rgb"
    flip: float = 0.5
    crop: int = 0

    def __call__(self, batch: Batch, *, seed: int, epoch: int) -> Views:
        images, keys = batch.images, (seed, epoch, batch.position)
        mirrored = uniform("flip", *keys) < self.flip
        flipped = mirrored.to(images.device, non_blocking=True)
        images = torch.where(flipped[:, None, None, None], images.flip(2), images)
        if self.crop:
            chance = [uniform(f"crop {way}", *keys).to(images.device, non_blocking=True) for way in ("rows", "columns")]
            images = _move(images, self.crop, *chance)
        high = self.normalise(images)
        low = self.degrade(high, uniform("degrade", *keys).to(images.device, non_blocking=True))
        return Views(high, low, batch.label, None if self.crop else 2 * batch.position + mirrored)

    def sharp(self, batch: Batch) -> tuple[Views, ...]:
        if self.crop:
            raise RecipeError(
                "faces that are moved in training look different in every epoch",
                remedy="Do without --crop, or without --cache.",
            )
        both = (self.normalise(images) for images in (batch.images, batch.images.flip(2)))
        return tuple(Views(high, high, batch.label, 2 * batch.position + side) for side, high in enumerate(both))

    @property
    def channels(self) -> str:
        return self.colour

    @property
    def shared(self) -> tuple[object, ...]:
        return self.flip, self.crop, self.colour

    @property
    def preset(self) -> Preset:
        return "released" if self.colour == "bgr" else super().preset

    def normalise(self, images: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
        if self.colour == "bgr":
            images = images.flip(3)
        return images.permute(0, 3, 1, 2).float().div_(127.5).sub_(1.0)


def _move(
    images: UInt8[Tensor, "B H W 3"], reach: int, rows: Float[Tensor, " B"], columns: Float[Tensor, " B"]
) -> UInt8[Tensor, "B H W 3"]:
    faces, height, width, _ = images.shape

    def positions(size: int, chance: Tensor) -> Tensor:
        shift = (chance * (2 * reach + 1)).long() - reach
        return (torch.arange(size, device=images.device) + shift[:, None]).clamp(0, size - 1)

    face = torch.arange(faces, device=images.device)[:, None, None]
    return images[face, positions(height, rows)[:, :, None], positions(width, columns)[:, None, :]]
