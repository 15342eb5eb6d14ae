"""A detector that sees photos larger, and with a border: for faces that are too small, or cut too closely.

Legend: h x w pixels of the photo that is searched.
"""

from collections.abc import Sequence
from typing import Final, final

import torch
from jaxtyping import UInt8
from torch import Tensor
from torch.nn import functional as F

from foveate.detect.detector import Detector, Photo
from foveate.detect.faces import Faces
from foveate.errors import RecipeError

LONGEST: Final = 2048
"""Side of the largest photo that is searched, in pixels; larger ones are shrunk for the search, not for the crop."""


@final
class Enlarged(Detector):
    """Asks another detector about photos with a border of ``border`` times their sides, enlarged ``zoom`` times.

    The border repeats the pixels at the edge, the enlargement is bicubic. Photos that would become larger than
    ``longest`` pixels are brought to that. Answers are in pixels of the photos as they were given.

    Args:
        detector: that is asked.
        zoom: 1 leaves the size as it is.
        border: share of the longer side, on all four sides; 0 for none.
        longest: side that no searched photo exceeds, in pixels.

    Raises:
        RecipeError: a zoom or border that cannot be.
    """

    def __init__(self, detector: Detector, *, zoom: float = 1.0, border: float = 0.0, longest: int = LONGEST) -> None:
        if not 0 < zoom <= 64 or not 0 <= border <= 4:
            problem = f"photos cannot be enlarged {zoom:g} times with a border of {border:g}"
            raise RecipeError(
                problem, remedy="Give an enlargement of up to 64 and a border of up to 4 times the photo."
            )
        self._detector, self._zoom, self._border, self._longest = detector, zoom, border, longest

    @property
    def title(self) -> str:
        border = f", border of {self._border:g}" if self._border else ""
        return self._detector.title + (f", photos enlarged {self._zoom:g} times" if self._zoom != 1 else "") + border

    @torch.inference_mode()
    def __call__(self, photos: Sequence[Photo]) -> list[Faces]:
        seen, places = [], []
        for photo in photos:
            edge = round(self._border * max(photo.shape[:2]))
            zoom = min(self._zoom, self._longest / (max(photo.shape[:2]) + 2 * edge))
            seen.append(_prepared(photo, edge, zoom))
            places.append({"left": -edge, "top": -edge, "zoom": zoom})
        found = self._detector(seen)
        return [faces.seen_from(**place) for faces, place in zip(found, places, strict=True)]


def _prepared(photo: Photo, edge: int, zoom: float) -> UInt8[Tensor, "h w 3"]:
    if not edge and zoom == 1:
        return photo
    image = F.pad(photo.permute(2, 0, 1)[None].float(), [edge] * 4, mode="replicate")
    size = [max(1, round(side * zoom)) for side in image.shape[2:]]
    if zoom != 1:
        image = F.interpolate(image, size, mode="bicubic", antialias=True, align_corners=False)
    return image[0].round_().clamp_(0, 255).byte().permute(1, 2, 0)
