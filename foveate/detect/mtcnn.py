"""MTCNN (Zhang et al., IEEE Signal Processing Letters 23(10), 2016): three networks, each sees fewer and finer windows.

P-Net slides over an image pyramid, R-Net and O-Net look again at what is left; each moves the edges of its windows, and
O-Net names five points. The points move by 1 to 3 pixels with every choice of rounding, so all of them are those of the
package facenet-pytorch, whose weights are used: with the same settings it finds the same points.

Legend: B photos of one size, N windows, H x W pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from foveate.detect.detector import Detector, Photo
from foveate.detect.faces import Faces
from foveate.detect.mtcnn_networks import STEP, WINDOW, CropNetwork
from foveate.detect.mtcnn_weights import MtcnnWeights
from foveate.detect.overlap import suppress_contained
from foveate.detect.windows import Windows
from foveate.errors import RecipeError

FACTOR: Final = 0.709
"""Ratio of sides between two levels of the pyramid; its square is about a half."""
SMALLEST: Final = 20.0
"""Side of the smallest face, in pixels."""
THRESHOLDS: Final = (0.6, 0.7, 0.7)
"""Scores below which P-Net, R-Net and O-Net drop a window."""
_SAME_LEVEL, _ACROSS, _CONTAINED = 0.5, 0.7, 0.7
"""Overlaps above which the less sure of two windows is dropped: in one level, between levels, and at the end."""
_PIXELS: Final = 1 << 22
"""Of photos that are looked at together, so that memory stays bounded; a larger photo is looked at alone."""
_CROPS: Final = 512
"""Windows that R-Net and O-Net look at together."""


@final
class Mtcnn(Detector):
    """Finds faces of ``smallest`` pixels and more.

    Args:
        weights: the three networks.
        device: where they run.
        smallest: side of the smallest face that is looked for, in pixels.
        thresholds: scores below which P-Net, R-Net and O-Net drop a window, from 0 to 1.

    Raises:
        RecipeError: a size or threshold that cannot be.
    """

    def __init__(
        self,
        weights: MtcnnWeights,
        *,
        device: torch.device | str = "cpu",
        smallest: float = SMALLEST,
        thresholds: tuple[float, float, float] = THRESHOLDS,
    ) -> None:
        if smallest < 1 or not all(0 <= value < 1 for value in thresholds):
            problem = f"faces of {smallest} pixels with scores of {thresholds} cannot be looked for"
            raise RecipeError(problem, remedy="Give one pixel or more, and scores from 0 to below 1.")
        self._device, self._smallest, self._thresholds = torch.device(device), smallest, thresholds
        self._proposal = weights.proposal.to(self._device)
        self._refinement, self._output = weights.refinement.to(self._device), weights.output.to(self._device)
        self._sha256 = weights.sha256

    @property
    def title(self) -> str:
        scores = ", ".join(f"{value:g}" for value in self._thresholds)
        return f"MTCNN {self._sha256[:12]}, faces from {self._smallest:g} px, scores {scores}"

    @torch.inference_mode()
    def __call__(self, photos: Sequence[Photo]) -> list[Faces]:
        sizes: dict[tuple[int, ...], list[int]] = {}
        for number, photo in enumerate(photos):
            sizes.setdefault(tuple(photo.shape), []).append(number)
        found: dict[int, Faces] = {}
        for (height, width, _), numbers in sizes.items():
            together = max(1, _PIXELS // (height * width))
            for start in range(0, len(numbers), together):
                part = numbers[start : start + together]
                batch = torch.stack([photos[number].to(self._device) for number in part])
                found.update(zip(part, self._detect(_seen(batch)), strict=True))
        return [found[number] for number in range(len(photos))]

    def _detect(self, images: Float[Tensor, "B 3 H W"]) -> list[Faces]:
        windows = self._propose(images).surest(_ACROSS).moved().squared()
        windows = self._look(self._refinement, images, windows, 24)
        windows = windows.of(windows.scores > self._thresholds[1]).surest(_ACROSS).moved().squared()
        windows = self._look(self._output, images, windows, 48)
        windows = windows.of(windows.scores > self._thresholds[2])
        return [_faces(windows.of(windows.photo == number)) for number in range(len(images))]

    def _propose(self, images: Float[Tensor, "B 3 H W"]) -> Windows:
        """What P-Net finds in all levels of the pyramid."""
        levels = [self._level(images, scale) for scale in _scales(min(images.shape[2:]), self._smallest)]
        found = Windows.joined([_nothing(images), *levels])
        # P-Net moves edges by shares of the distance between first and last pixel, which is one less than the side.
        sides = found.sides.repeat(1, 2)
        return replace(found, moves=found.moves * (sides - 1) / sides)

    def _level(self, images: Float[Tensor, "B 3 H W"], scale: float) -> Windows:
        """Windows of one level of the pyramid."""
        height, width = (int(side * scale + 1) for side in images.shape[2:])
        scores, moves = self._proposal(F.interpolate(images, (height, width), mode="area"))
        photo, row, column = (scores >= self._thresholds[0]).nonzero(as_tuple=True)
        corner = torch.stack([column, row], dim=1) * STEP
        edges = (torch.cat([corner + 1, corner + WINDOW], dim=1) / scale).floor()
        found = Windows(edges, photo, scores[photo, row, column], moves[photo, :, row, column], edges[:, :0])
        return found.surest(_SAME_LEVEL)

    def _look(self, network: CropNetwork, images: Float[Tensor, "B 3 H W"], windows: Windows, side: int) -> Windows:
        """The windows with what a network says of them at ``side`` pixels."""
        windows = windows.inside(*images.shape[2:])
        answers = [network(part) for part in windows.cut(images, side).split(_CROPS)]
        scores, moves, points = (torch.cat(parts) for parts in zip(*answers, strict=True))
        return replace(windows, scores=scores, moves=moves, points=points)


def _seen(photos: Tensor) -> Float[Tensor, "B 3 H W"]:
    return photos.permute(0, 3, 1, 2).float().sub_(127.5).div_(128)


def _scales(shorter: int, smallest: float) -> Iterator[float]:
    """Of the pyramid: from the one that shows the smallest face at 12 pixels to the last that holds a window."""
    scale = WINDOW / smallest
    while shorter * scale >= WINDOW:
        yield scale
        scale *= FACTOR


def _nothing(images: Tensor) -> Windows:
    """No window, on the device of the images."""
    none = images.new_zeros(0, 4)
    return Windows(none, none[:, 0].long(), none[:, 0], none, none[:, :0])


def _faces(windows: Windows) -> Faces:
    """The faces of one photo; of two that lie in each other the surer one stays."""
    corner = windows.edges[:, None, :2] - 1
    points = corner + windows.sides[:, None] * windows.points.reshape(-1, 2, 5).mT
    edges = windows.moved().edges - windows.edges.new_tensor([1, 1, 0, 0])  # from pixels to the lines around them
    boxes, scores, five = (part.cpu().numpy() for part in (edges, windows.scores, points))
    kept = suppress_contained(boxes, scores, _CONTAINED)
    return Faces(boxes[kept], scores[kept], five[kept])
