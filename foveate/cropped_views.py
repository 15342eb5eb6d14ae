"""Two views of crops that the loader draws anew in every epoch: sharp for the teacher, degraded for the student.

Legend: B photos, H x W pixels.
"""

from abc import abstractmethod

import torch
from jaxtyping import Bool, Shaped
from torch import Tensor

from foveate.chance import uniform
from foveate.errors import RecipeError
from foveate.views import Batch, TwoViews, Views


class CroppedViews(TwoViews):
    """Both views are of one crop, and mirrored alike; subclasses say what becomes of the target.

    Attributes:
        flip: probability of a mirror image in training.
    """

    flip: float

    def __call__(self, batch: Batch, *, seed: int, epoch: int) -> Views:
        images, keys = batch.images, (seed, epoch, batch.position)
        mirrored = (uniform("flip", *keys) < self.flip).to(images.device, non_blocking=True)
        high = self.normalise(torch.where(mirrored[:, None, None, None], images.flip(2), images))
        low = self.degrade(high, uniform("degrade", *keys).to(images.device, non_blocking=True))
        return Views(high, low, self.target(batch, mirrored))

    @abstractmethod
    def target(self, batch: Batch, mirrored: Bool[Tensor, " B"]) -> Shaped[Tensor, "B *target"]:
        """What is to be learnt of images of which some are mirrored."""

    def sharp(self, batch: Batch) -> tuple[Views, ...]:
        raise RecipeError(
            "photos are cropped anew in every epoch, so a teacher's answers cannot be kept",
            remedy="Do without --cache.",
        )
