"""Several looks at one photo agree on its faces: box voting (Gidaris and Komodakis, ICCV 2015, section 5).

Legend: N boxes of all looks, K faces.
"""

import torch
from jaxtyping import Float
from torch import Tensor
from torchvision.ops import box_iou, nms


def vote(
    boxes: Float[Tensor, "N 4"], scores: Float[Tensor, " N"], most_overlap: float
) -> tuple[Float[Tensor, "K 4"], Float[Tensor, " K"]]:
    """Each face once, the surest first: where its boxes are on average, weighed by their scores.

    Args:
        boxes: left, top, right and bottom edge in pixels.
        scores: above 0.
        most_overlap: of two boxes whose intersection over union is more, the surer one stays, and the other votes.
    """
    chosen = nms(boxes, scores, most_overlap)
    if not len(chosen):
        return boxes, scores
    shares = torch.where(box_iou(boxes[chosen], boxes) >= most_overlap, scores, 0)
    return shares @ boxes / shares.sum(1, keepdim=True), scores[chosen]
