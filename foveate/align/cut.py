"""The crop of a box, resized: how the A-SKD paper cropped its faces ("MTCNN ... resized to 112 x 112 by bilinear").

Legend: H x W pixels of the photo, S x S of the crop.
"""

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F

from foveate.errors import DataError


@torch.inference_mode()
def cut(photo: UInt8[Tensor, "H W 3"], box: Float[np.ndarray, " 4"], size: int) -> UInt8[Tensor, "S S 3"]:
    """Cut a box out, as far as it lies in the photo, and resize it; what is no square is stretched to one.

    Args:
        photo: RGB, on any device.
        box: left, top, right and bottom edge in pixels; rounded to whole ones.
        size: S.

    Returns:
        Resized bilinearly; where pixels become fewer, each averages over all it covers, as Pillow does.

    Raises:
        DataError: the box holds no pixel of the photo.
    """
    height, width, _ = photo.shape
    left, right = (int(edge) for edge in np.clip(np.rint(box[[0, 2]]), 0, width))
    top, bottom = (int(edge) for edge in np.clip(np.rint(box[[1, 3]]), 0, height))
    if right <= left or bottom <= top:
        shown = ", ".join(f"{edge:g}" for edge in box)
        remedy = f"Give left, top, right and bottom edge inside of its {width} x {height} pixels"
        raise DataError(f"the box ({shown}) holds no pixel of the photo", remedy=remedy)
    image = photo[top:bottom, left:right].permute(2, 0, 1)[None].float()
    image = F.interpolate(image, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return image[0].round_().clamp_(0, 255).byte().permute(1, 2, 0)
