"""A trained detector network and all that lies between a photo and boxes around its faces.

Legend: h x w pixels of the photo, H x W pixels as the network sees it, K boxes.
"""

from dataclasses import dataclass
from typing import Final, final

import numpy as np
import torch
from jaxtyping import UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from foveate.data.detections import Detections
from foveate.data.scene import Scene
from foveate.degrade.sharp import Sharp
from foveate.detect.anchors import anchors, level_sides
from foveate.detect.decoding import Decoding
from foveate.detect.losses import Raw
from foveate.detect.voting import vote
from foveate.errors import RecipeError
from foveate.views import TwoViews

_NO_FACES: Final = np.empty((0, 4), dtype=np.float32)

MULTIPLE: Final = 32
"""Photos are padded to a multiple of this many pixels."""


@final
@dataclass(frozen=True, eq=False)
class Finder:
    """Finds the faces of one photo after another.

    Attributes:
        network: TinaFace, in evaluation mode, on its device.
        views: what it sees.
        decoding: how its answers become faces.
        fit: shorter and longer side, in pixels, that photos are brought within, keeping their shape.
        zooms: further looks, this many times as large; 1 for the photo as it fits.
        mirror: whether each look is also taken at the mirror image.

    Raises:
        RecipeError: there are no looks, or one of no size.
    """

    network: nn.Module
    views: TwoViews
    decoding: Decoding
    fit: tuple[int, int]
    zooms: tuple[float, ...] = (1.0,)
    mirror: bool = False

    def __post_init__(self) -> None:
        if not self.zooms or min(*self.zooms, *self.fit) <= 0 or self.fit[0] > self.fit[1]:
            raise RecipeError(
                f"photos within {self.fit} pixels, seen {self.zooms} times as large, cannot be searched",
                remedy="Give sizes and factors above 0, the shorter side first.",
            )

    def factor(self, height: int, width: int) -> float:
        """How many times as large a photo of this size is seen."""
        return min(self.fit[0] / min(height, width), self.fit[1] / max(height, width))

    @torch.inference_mode()
    def __call__(self, photo: UInt8[np.ndarray, "h w 3"]) -> Detections:
        """Boxes in pixels of the photo, and scores from 0 to 1, the surest first.

        Of one look they are TinaFace's; of several, those that voting leaves.
        """
        looks = [self._look(photo, zoom, side) for zoom in self.zooms for side in ((False, True)[: 1 + self.mirror])]
        boxes, scores = (torch.cat([look[kind] for look in looks]) for kind in (0, 1))
        if len(looks) > 1:
            boxes, scores = vote(boxes, scores, self.decoding.most_overlap)
        return Detections(boxes.double().cpu().numpy(), scores.double().cpu().numpy())

    @torch.inference_mode()
    def shown(self, photo: UInt8[np.ndarray, "h w 3"]) -> UInt8[np.ndarray, "h w 3"]:
        """The photo at its own size with the details that the network sees."""
        if isinstance(self.views.degrade, Sharp):
            return photo
        height, width = photo.shape[:2]
        pixels = self._fitted(photo)
        change = self.views.see(pixels) - self.views.normalise(pixels)
        seen = (pixels + change.permute(0, 2, 3, 1)).round().clamp(0, 255).byte()[0].numpy()
        return Scene(seen, _NO_FACES).resized(height, width).pixels

    def _fitted(self, photo: UInt8[np.ndarray, "h w 3"], zoom: float = 1.0) -> UInt8[Tensor, "1 H W 3"]:
        """The photo at the size of a look."""
        factor = zoom * self.factor(*photo.shape[:2])
        sides = [max(1, round(side * factor)) for side in photo.shape[:2]]
        return torch.from_numpy(np.ascontiguousarray(Scene(photo, _NO_FACES).resized(*sides).pixels))[None]

    def _look(self, photo: UInt8[np.ndarray, "h w 3"], zoom: float, mirrored: bool) -> tuple[Tensor, Tensor]:
        height, width = photo.shape[:2]
        pixels = self._fitted(photo, zoom).to(next(self.network.parameters()).device)
        sides = pixels.shape[1:3]
        seen = self.views.see(pixels.flip(2) if mirrored else pixels)
        rows, columns = (-side % MULTIPLE for side in sides)
        seen = F.pad(seen, (0, columns, 0, rows)).contiguous(memory_format=torch.channels_last)
        places = anchors(level_sides(*seen.shape[2:]), device=seen.device)
        zooms = sides[1] / width, sides[0] / height
        boxes, scores = self.decoding(
            Raw.of(self.network(seen)), places, zoom=zooms, size=(float(width), float(height))
        )[0]
        if mirrored:
            left, top, right, bottom = boxes.unbind(1)
            boxes = torch.stack([width - right, top, width - left, bottom], dim=1)
        return boxes, scores
