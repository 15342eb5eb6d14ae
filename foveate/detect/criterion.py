"""What TinaFace is trained by, as one loss (Zhu et al., 2020, section 3; weights of its released settings).

Legend: B photos, A anchors, M faces of a photo.
"""

from typing import final

import torch
from jaxtyping import Float
from torch import Tensor

from foveate.detect.anchors import anchors, level_sides
from foveate.detect.losses import Raw, detection_losses
from foveate.heads.criterion import Criterion, Scored


@final
class Detection(Criterion):
    """Focal loss of faces, DIoU loss of boxes and cross-entropy of their fit, weighed 1, 2 and 1.

    Args:
        size: side of the photos in pixels.
        box: weight of the DIoU loss.
        fit: weight of the loss of the fit.
    """

    def __init__(self, size: int, *, box: float = 2.0, fit: float = 1.0) -> None:
        super().__init__()
        self._size, self._box, self._fit = size, box, fit

    def forward(
        self, embedding: Float[Tensor, "B A 6"], label: Float[Tensor, "B M 4"], progress: float = 1.0
    ) -> Scored:
        """The loss of a batch.

        Args:
            embedding: what the detector answers at each anchor.
            label: boxes in pixels; rows of NaN are no faces.
            progress: changes nothing.
        """
        raw, device = Raw.of(embedding), embedding.device
        with torch.autocast(device.type, enabled=False):
            faces = [boxes[boxes.isfinite().all(1)] for boxes in label]
            found = detection_losses(raw, anchors(level_sides(self._size, self._size), device=device), faces)
            loss = found.face + self._box * found.box + self._fit * found.fit
        return Scored(loss, raw.face, {name: value.detach() for name, value in found._asdict().items()})
