"""What a face detector is trained by: is there a face, where, and how well does the box fit? (TinaFace, section 3.)

Legend: B photos, A anchors, M faces of a photo.
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F
from torchvision.ops import sigmoid_focal_loss

from foveate import distributed
from foveate.detect.assign import assign
from foveate.detect.boxes import decode, distance_overlap, overlap


class Raw(NamedTuple):
    """What a detector answers at each anchor."""

    face: Float[Tensor, "B A"]
    """Logit of there being a face."""
    box: Float[Tensor, "B A 4"]
    """Coded box, see ``foveate.detect.boxes``."""
    fit: Float[Tensor, "B A"]
    """Logit of the box's overlap with the face."""

    @classmethod
    def of(cls, answers: Float[Tensor, "B A 6"]) -> "Raw":
        """The parts of a network's answers: face, the four numbers of the box, fit."""
        return cls(answers[..., 0], answers[..., 1:5], answers[..., 5])


class DetectionLosses(NamedTuple):
    """Each divided by the number of anchors that are to find a face, of all photos together, at least 1; on several
    ranks, by each one's share of that of all photos, so that the mean over photos of ranks is that of one process."""

    face: Float[Tensor, ""]
    """Focal loss (Lin et al., ICCV 2017), gamma 2, alpha 0.25, over all anchors."""
    box: Float[Tensor, ""]
    """1 - DIoU of decoded boxes."""
    fit: Float[Tensor, ""]
    """Binary cross-entropy to the overlap of the box, which is taken as given."""


def detection_losses(raw: Raw, anchors: Float[Tensor, "A 4"], faces: Sequence[Float[Tensor, "_ 4"]]) -> DetectionLosses:
    """The three losses of a batch, in float32.

    Args:
        raw: the detector's answers.
        anchors: their places.
        faces: the boxes of each photo's M faces, in pixels.
    """
    chosen = torch.stack([assign(anchors, each) for each in faces])
    found = chosen >= 0
    share = len(faces) / distributed.summed(torch.tensor(float(len(faces)), device=found.device))
    count = distributed.summed(found.sum().float()).clamp(min=1) * share
    face, box, fit = (each.float() for each in raw)
    focal = sigmoid_focal_loss(face, found.float(), alpha=0.25, gamma=2.0, reduction="sum")
    photo, place = found.nonzero(as_tuple=True)
    wanted = torch.cat([each[own[own >= 0]] for each, own in zip(faces, chosen, strict=True)]).float()
    boxes = decode(box[photo, place], anchors[place])
    apart = (1 - distance_overlap(boxes, wanted)).sum()
    target = overlap(boxes, wanted).detach()
    fitting = F.binary_cross_entropy_with_logits(fit[photo, place], target, reduction="sum")
    return DetectionLosses(focal / count, apart / count, fitting / count)
