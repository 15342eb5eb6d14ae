"""Two views of the same photos of objects: sharp for the teacher, degraded for the student.

Legend: B photos, H x W pixels.

The one place where value range and colour order of object classification are declared: networks see float32 RGB,
channels first, less the mean and divided by the standard deviation of ImageNet's pixels, as all networks of torchvision
and timm do. Both views are of one crop, which the loader has made, and mirrored alike. Degradations are linear and keep
constants, so it makes no difference whether values are shifted before or after.
"""

from dataclasses import dataclass
from typing import Final, final

import torch
from jaxtyping import Bool, Float, Int64, UInt8
from torch import Tensor

from foveate.cropped_views import CroppedViews
from foveate.degrade.degradation import Degradation
from foveate.degrade.sharp import Sharp
from foveate.views import Batch

MEAN: Final = (0.485, 0.456, 0.406)
DEVIATION: Final = (0.229, 0.224, 0.225)
"""Of red, green and blue over ImageNet's training photos, in [0, 1]."""


@final
@dataclass(frozen=True)
class PhotoViews(CroppedViews):
    """Flip and degrade a batch of photos on its device.

    Attributes:
        degrade: what takes the details away.
        mean, deviation: of red, green and blue, for values in [0, 1].
        flip: probability of a mirror image in training.
    """

    degrade: Degradation = Sharp()
    mean: tuple[float, float, float] = MEAN
    deviation: tuple[float, float, float] = DEVIATION
    flip: float = 0.5

    def target(self, batch: Batch, mirrored: Bool[Tensor, " B"]) -> Int64[Tensor, " B"]:
        """Classes stay what they are."""
        return batch.label

    def normalise(self, images: UInt8[Tensor, "B H W 3"]) -> Float[Tensor, "B 3 H W"]:
        mean, deviation = (
            torch.tensor(values, device=images.device)[:, None, None] for values in (self.mean, self.deviation)
        )
        return images.permute(0, 3, 1, 2).float().div_(255).sub_(mean).div_(deviation)

    @property
    def channels(self) -> str:
        return f"rgb less {self.mean} over {self.deviation}"

    @property
    def shared(self) -> tuple[object, ...]:
        return self.mean, self.deviation, self.flip
