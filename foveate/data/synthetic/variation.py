"""Variation: what changes from one picture of a drawn person to the next.

Legend: B faces.
"""

from dataclasses import dataclass
from typing import Final, final

from torch import Tensor

from foveate.data.synthetic.traits import between

BACKDROP: Final = 5
"""The backdrop is a smooth interpolation of BACKDROP x BACKDROP random colours."""


@final
@dataclass(frozen=True)
class Variation:
    """Pose, expression, light, scene and camera of B pictures, each of shape (B, 1, 1, 1) unless said otherwise."""

    # Pose: pixels of a 112 x 112 picture and radians; ``yaw`` and ``pitch`` shift a part by its depth.
    shift_x: Tensor = between(-2.5, 2.5)
    shift_y: Tensor = between(-2.5, 2.5)
    roll: Tensor = between(-0.09, 0.09)
    zoom: Tensor = between(0.95, 1.06)
    shear: Tensor = between(-0.04, 0.04)
    yaw: Tensor = between(-1.0, 1.0)
    pitch: Tensor = between(-1.0, 1.0)

    # Expression.
    smile: Tensor = between(-0.6, 1.4)
    open: Tensor = between(-1.5, 1.5)
    squint: Tensor = between(0.0, 0.35)
    surprise: Tensor = between(-0.8, 1.2)
    gaze: Tensor = between(-1.0, 1.0)
    stubble: Tensor = between(0.55, 0.95)
    ruffle: Tensor = between(-2.0, 2.0)

    # Light.
    light_x: Tensor = between(-0.30, 0.30)
    light_y: Tensor = between(-0.22, 0.10)
    exposure: Tensor = between(0.78, 1.18)
    contrast: Tensor = between(0.85, 1.12)
    cast: Tensor = between(-0.08, 0.08, 3)

    # Scene and camera.
    clothes: Tensor = between(0.1, 0.9, 3)
    collar: Tensor = between(-1.0, 1.0)
    backdrop: Tensor = between(0.1, 0.9, 3 * BACKDROP * BACKDROP)
    grain: Tensor = between(0.004, 0.022)
    grain_place: Tensor = between(0.0, 1.0, 3)
