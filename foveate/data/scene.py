"""A photo and the boxes in it, and what is done to both before a detector is trained on them.

Legend: M faces, H x W pixels, S side of a square.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

import numpy as np
from jaxtyping import Bool, Float32, UInt8
from PIL import Image

SHARES: Final = (0.3, 0.45, 0.6, 0.8, 1.0)
"""Sides of the squares that TinaFace trains on, as shares of the photo's shorter side (its released settings)."""

TRIES: Final = 250
SIZES: Final = 4


@final
@dataclass(frozen=True, eq=False)
class Scene:
    """Attributes:
    pixels: RGB.
    boxes: of the faces: left, top, right and bottom edge in pixels.
    """

    pixels: UInt8[np.ndarray, "H W 3"]
    boxes: Float32[np.ndarray, "M 4"]

    def resized(self, height: int, width: int) -> "Scene":
        """The whole photo at another size (bilinear, with antialiasing), its shape not kept."""
        tall, wide = self.pixels.shape[:2]
        pixels = Image.fromarray(self.pixels).resize((width, height), Image.Resampling.BILINEAR)
        scale = np.array([width / wide, height / tall] * 2, dtype=np.float32)
        return Scene(np.array(pixels), self.boxes * scale)

    def mirrored(self) -> "Scene":
        """Left and right exchanged."""
        width = self.pixels.shape[1]
        boxes = self.boxes[:, [2, 1, 0, 3]] * np.array([-1, 1, -1, 1], dtype=np.float32)
        return Scene(self.pixels[:, ::-1], boxes + np.array([width, 0, width, 0], dtype=np.float32))

    def cut(self, left: int, top: int, width: int, height: int) -> "Scene":
        """A part of the photo with the faces whose centre lies in it, cut at its border."""
        boxes = self.boxes[_inside(self.boxes, left, top, width, height)]
        shifted = boxes - np.array([left, top] * 2, dtype=np.float32)
        most = np.array([width, height] * 2, dtype=np.float32)
        return Scene(self.pixels[top : top + height, left : left + width], shifted.clip(0, most))


def square_crop(scene: Scene, random: np.random.Generator) -> Scene:
    """A square of a drawn size and place that has a face's centre in it (TinaFace; released settings).

    A size has ``TRIES`` places; where none of them has a face, another size is drawn, ``SIZES`` times at most. The last
    place is taken as it is, and in a photo without faces the first.
    """
    height, width = scene.pixels.shape[:2]
    left, top, side = 0, 0, min(height, width)
    for attempt in range(TRIES * SIZES):
        if attempt % TRIES == 0:
            side = max(1, int(SHARES[random.integers(len(SHARES))] * min(height, width)))
        left, top = int(random.integers(width - side + 1)), int(random.integers(height - side + 1))
        if not len(scene.boxes) or _inside(scene.boxes, left, top, side, side).any():
            break
    return scene.cut(left, top, side, side)


def jittered(
    pixels: UInt8[np.ndarray, "H W 3"],
    random: np.random.Generator,
    *,
    brightness: float = 32.0,
    contrast: tuple[float, float] = (0.5, 1.5),
    saturation: tuple[float, float] = (0.5, 1.5),
    hue: float = 18.0,
) -> UInt8[np.ndarray, "H W 3"]:
    """Other light and colours: brightness, contrast, saturation and hue, each with even odds (Liu et al., SSD, 2016).

    Args:
        pixels: RGB.
        random: draws all of it.
        brightness: largest number that is added, of 255.
        contrast, saturation: least and largest factor.
        hue: largest turn of the colour circle, in degrees.
    """
    values = pixels.astype(np.float32)
    if random.random() < 0.5:
        values += random.uniform(-brightness, brightness)
    if random.random() < 0.5:
        values *= random.uniform(*contrast)
    image = Image.fromarray(values.clip(0, 255).astype(np.uint8)).convert("HSV")
    turned, strong = random.random() < 0.5, random.random() < 0.5
    tints = np.array(image).astype(np.float32)
    if strong:
        tints[..., 1] *= random.uniform(*saturation)
    if turned:
        tints[..., 0] = (tints[..., 0] + random.uniform(-hue, hue) * 256 / 360) % 256
    return np.array(Image.fromarray(tints.clip(0, 255).astype(np.uint8), "HSV").convert("RGB"))


def mosaic(scenes: Iterator[Scene], side: int, rows: int) -> Scene:
    """Photos side by side in rows of one height, so that photos of single faces make a crowd.

    Shapes are kept: each photo is as wide as the height of its row makes it; a row ends where the square does, which
    cuts its last photo (faces whose centre is cut away are left out). After the mosaics of Bochkovskiy et al., YOLOv4,
    2020, which have two rows of two.

    Args:
        scenes: as many as are needed.
        side: S.
        rows: how many.
    """
    pixels, boxes = np.empty((side, side, 3), dtype=np.uint8), [np.empty((0, 4), dtype=np.float32)]
    edges = [round(side * row / rows) for row in range(rows + 1)]
    for top, bottom in itertools.pairwise(edges):
        left = 0
        while left < side:
            scene = next(scenes)
            height, width = scene.pixels.shape[:2]
            fitted = scene.resized(bottom - top, max(1, round(width * (bottom - top) / height)))
            part = fitted.cut(0, 0, min(fitted.pixels.shape[1], side - left), bottom - top)
            pixels[top:bottom, left : left + part.pixels.shape[1]] = part.pixels
            boxes.append(part.boxes + np.array([left, top] * 2, dtype=np.float32))
            left += part.pixels.shape[1]
    return Scene(pixels, np.concatenate(boxes))


def _inside(boxes: Float32[np.ndarray, "M 4"], left: int, top: int, width: int, height: int) -> Bool[np.ndarray, " M"]:
    """Which boxes have their centre in a part of the photo."""
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return (left <= x) & (x < left + width) & (top <= y) & (y < top + height)
