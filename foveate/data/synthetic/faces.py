"""Drawn faces: thousands of people who do not exist, for trying things out without anybody's photo.

Legend: B faces, H x W pixels.

An identity is an ``Anatomy``, a picture of it adds a ``Variation``; the layers are painted from back to front with
anti-aliased edges. Identity sits mostly in fine parts, so that shrinking the picture really hurts.
"""

import math
from dataclasses import dataclass
from typing import Final, final

import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

from foveate.data.synthetic.anatomy import Anatomy
from foveate.data.synthetic.camera import photograph
from foveate.data.synthetic.canvas import SIDE, Canvas
from foveate.data.synthetic.eyes import paint_eyes
from foveate.data.synthetic.glasses import paint_glasses
from foveate.data.synthetic.hair import paint_beard, paint_hair, paint_hair_behind, strands
from foveate.data.synthetic.head import complexion, paint_head
from foveate.data.synthetic.marks import paint_marks
from foveate.data.synthetic.mouth import paint_mouth, paint_nose
from foveate.data.synthetic.pose import Pose
from foveate.data.synthetic.scene import backdrop, paint_shoulders
from foveate.data.synthetic.threads import in_threads
from foveate.data.synthetic.traits import draw
from foveate.data.synthetic.variation import Variation
from foveate.errors import DataError

CHUNK: Final = 400_000
"""Pixels painted at once (32 faces of 112 x 112): few enough to stay in the processor's cache."""

SMALLEST: Final = 8
"""Pixels a side, below which no part of a face has a pixel of its own."""


@final
@dataclass(frozen=True)
class SyntheticFaces:
    """A world of drawn people; another seed is another world.

    Attributes:
        seed: what all pictures depend on.
        size: height and width of a picture, in pixels.
    """

    seed: int = 0
    size: int = 112

    def __post_init__(self) -> None:
        if self.size < SMALLEST:
            raise DataError(f"no face fits into {self.size} pixels", remedy=f"Ask for a size of {SMALLEST} or more.")

    def render(self, identity: Int64[Tensor, " B"], variation: Int64[Tensor, " B"]) -> UInt8[Tensor, "B H W 3"]:
        """Draw pictures; each depends on the seed, its own identity and its own variation only.

        Args:
            identity: number of the person in each picture; any int64.
            variation: number of the picture among all pictures of that person; any int64.

        Returns:
            RGB, on the device of ``identity``.
        """
        pictures = torch.empty(len(identity), self.size, self.size, 3, dtype=torch.uint8, device=identity.device)
        faces = math.ceil(CHUNK / self.size**2)
        parts = zip(*(keys.split(faces) for keys in (identity, variation, pictures)), strict=True)
        in_threads(lambda part: self._draw(*part), parts)
        return pictures

    @torch.no_grad()
    def _draw(self, identity: Tensor, variation: Tensor, pictures: Tensor) -> None:
        person = draw(Anatomy, self.seed, identity)
        shot = draw(Variation, self.seed, identity, variation)
        pose = Pose.of(shot)
        x, y = pose.grid(self.size)
        canvas = Canvas(backdrop(shot, self.size), x, y, shot.zoom * (self.size / SIDE))
        skin = complexion(person, shot)
        waves = strands(canvas, person)
        paint_hair_behind(canvas, person, shot, waves)
        paint_shoulders(canvas, shot, skin)
        paint_head(canvas, person, skin)
        paint_marks(canvas, person, pose, skin)
        paint_eyes(canvas, person, shot)
        paint_nose(canvas, person, shot)
        paint_beard(canvas, person, shot)
        paint_mouth(canvas, person, shot, skin)
        paint_hair(canvas, person, shot, waves)
        paint_glasses(canvas, person, shot)
        photograph(canvas, shot, self.seed, pictures)
