"""How annotated photos become a batch for a detector: squares of photos or of mosaics, with other light and colours.

Legend: B photos, M faces of a photo, S side of the square.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from foveate.data.face_photos import FacePhotos
from foveate.data.framing import Framing
from foveate.data.labelled import LabelledImages
from foveate.data.scene import Scene, jittered, mosaic, square_crop
from foveate.errors import RecipeError

_LARGER: Final = 2
"""A mosaic is made this much larger than the square that is cut from it, so that half of it need not be enlarged."""


@final
@dataclass(frozen=True)
class SceneFraming(Framing):
    """TinaFace's squares (``foveate.data.scene.square_crop``), of the photo or of a mosaic that begins with it.

    Attributes:
        size: S.
        rows: of mosaics, one number of which is drawn; 0 is the photo itself.
        jitter: whether light and colours change (photometric distortion).
        grey: probability that a photo loses its colours.
    """

    size: int
    rows: tuple[int, ...] = (0,)
    jitter: bool = True
    grey: float = 0.0

    draws = 1

    def __post_init__(self) -> None:
        if self.size < 32 or not self.rows or min(self.rows) < 0 or not 0 <= self.grey <= 1:
            raise RecipeError(
                f"squares of {self.size} pixels from mosaics of {self.rows} rows, a share of {self.grey} grey",
                remedy="Give 32 pixels or more, 0 rows or more, and a share from 0 to 1.",
            )

    def example(
        self, images: LabelledImages, index: int, chance: Float64[np.ndarray, " draws"]
    ) -> tuple[UInt8[np.ndarray, "S S 3"], Float32[np.ndarray, "M 4"]]:
        """A square with the boxes of its faces, in its pixels."""
        assert isinstance(images, FacePhotos), "a detector is trained on photos with boxes"
        random = np.random.default_rng(int(chance[0] * 2**53))
        rows = self.rows[random.integers(len(self.rows))]
        photos = _photos(images, index, random)
        whole = mosaic(photos, _LARGER * self.size, rows) if rows else next(photos)
        scene = square_crop(whole, random).resized(self.size, self.size)
        pixels = jittered(scene.pixels, random) if self.jitter else scene.pixels
        if random.random() < self.grey:
            weights = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
            pixels = np.repeat((pixels @ weights).round().astype(np.uint8)[..., None], 3, axis=2)
        return pixels, scene.boxes

    def stack(self, targets: Sequence[Float32[np.ndarray, "_ 4"]]) -> Float32[np.ndarray, "B M 4"]:
        """Boxes of all photos; those that have fewer than the most (one at least) are filled up with NaN."""
        most = max(1, *(len(boxes) for boxes in targets))
        padded = np.full((len(targets), most, 4), np.nan, dtype=np.float32)
        for row, boxes in zip(padded, targets, strict=True):
            row[: len(boxes)] = boxes
        return padded


def _photos(images: FacePhotos, index: int, random: np.random.Generator) -> Iterator[Scene]:
    """One photo, then others by chance, half of them mirrored."""
    yield images.scene(index)
    while True:
        other = images.scene(int(random.integers(len(images))))
        yield other.mirrored() if random.random() < 0.5 else other
