"""A detector's answers become faces: how sure, where, and each only once (TinaFace's rules for testing).

Legend: A anchors, N faces.
"""

from dataclasses import dataclass
from typing import Final, final

from jaxtyping import Float
from torch import Tensor
from torchvision.ops import nms

from foveate.detect.boxes import decode
from foveate.detect.losses import Raw


@final
@dataclass(frozen=True)
class Decoding:
    """Attributes:
    threshold: scores below it are no faces; 0.01 to evaluate, 0.4 to look at.
    face_power, fit_power: the score is face^0.8 fit^1.2, both as probabilities.
    most_overlap: of two boxes whose intersection over union is more, the surer one stays.
    least_height: faces that are less high, in pixels of the original photo, are dropped.
    least_side: and those the root of whose area is less.
    most: of each photo at most so many boxes, the surest, are compared with each other, and the others dropped; None
        compares all, as TinaFace does.
    """

    threshold: float = 0.01
    face_power: float = 0.8
    fit_power: float = 1.2
    most_overlap: float = 0.45
    least_height: float = 9.0
    least_side: float = 1.0
    most: int | None = None

    def __call__(
        self,
        raw: Raw,
        anchors: Float[Tensor, "A 4"],
        *,
        zoom: tuple[float, float] = (1.0, 1.0),
        size: tuple[float, float] | None = None,
    ) -> list[tuple[Float[Tensor, "_ 4"], Float[Tensor, " _"]]]:
        """Boxes and scores of each photo, the surest first.

        Args:
            raw: of a batch.
            anchors: of its photos.
            zoom: by which photos were enlarged before, across and down; boxes are of the original photo.
            size: width and height of the original photos, at whose border boxes are cut.
        """
        scores = raw.face.float().sigmoid() ** self.face_power * raw.fit.float().sigmoid() ** self.fit_power
        scale = anchors.new_tensor([*zoom, *zoom])
        found = []
        for score, answers in zip(scores, raw.box.float(), strict=True):
            kept = score >= self.threshold
            boxes, sure = decode(answers[kept], anchors[kept]) / scale, score[kept]
            if size is not None:
                boxes = boxes.clamp(min=0).minimum(boxes.new_tensor([*size, *size]))
            width, height = (boxes[:, 2:] - boxes[:, :2]).unbind(1)
            large = (height >= self.least_height) & ((width * height).clamp(0).sqrt() >= self.least_side)
            sure, order = sure[large].sort(descending=True, stable=True)
            boxes, sure = boxes[large][order[: self.most]], sure[: self.most]
            chosen = nms(boxes, sure, self.most_overlap)
            found.append((boxes[chosen], sure[chosen]))
        return found


EVALUATED: Final = Decoding()
"""TinaFace's settings for evaluation."""

FEW_FACES: Final = Decoding(most=3000)
"""The same for photos of some dozens of faces. Of a detector of little training nearly every anchor passes the
threshold: a hundred thousand boxes a photo, which take ten seconds."""

LOOKED_AT: Final = 0.4
"""Its threshold for looking at what is found."""
