"""Two views of the same photos with faces: sharp for the teacher, degraded for the student, and where the faces are.

Legend: B photos, M faces of a photo, H x W pixels.

The one place where value range and colour order of detection are declared: networks see float32 RGB, channels first,
less the mean of ImageNet's pixels, in steps of 1 (TinaFace's released settings). Both views are of one square, which
the loader has made, and mirrored alike, with their boxes.
"""

from dataclasses import dataclass
from typing import Final, final

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor

from foveate.cropped_views import CroppedViews
from foveate.degrade.degradation import Degradation
from foveate.degrade.sharp import Sharp
from foveate.views import Batch

MEAN: Final = (123.675, 116.28, 103.53)
"""Of red, green and blue over ImageNet's training photos, in [0, 255]."""


@final
@dataclass(frozen=True)
class SceneViews(CroppedViews):
    """Flip and degrade a batch of photos on its device; boxes are mirrored with them.

    Attributes:
        degrade: what takes the details away.
        mean: of red, green and blue.
        flip: probability of a mirror image in training.
    """

    degrade: Degradation = Sharp()
    mean: tuple[float, float, float] = MEAN
    flip: float = 0.5

    def target(self, batch: Batch, mirrored: Bool[Tensor, " B"]) -> Float[Tensor, "B M 4"]:
        """Boxes are mirrored with their photos."""
        left, top, right, bottom = batch.label.unbind(2)
        width = batch.images.shape[2]
        other = torch.stack([width - right, top, width - left, bottom], dim=2)
        return torch.where(mirrored[:, None, None], other, batch.label)

    def normalise(self, images: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
        return images.permute(0, 3, 1, 2).float().sub_(torch.tensor(self.mean, device=images.device)[:, None, None])

    @property
    def channels(self) -> str:
        return f"rgb less {self.mean}"

    @property
    def shared(self) -> tuple[object, ...]:
        return self.mean, self.flip
