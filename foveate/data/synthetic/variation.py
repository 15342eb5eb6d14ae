"""Variation: what changes from one picture of a drawn person to the next.

Legend: B faces.
"""

from dataclasses import dataclass
from typing import Final, final

from torch import Tensor

from foveate.data.synthetic.traits import between

PATCHES: Final = 6
"""Backdrop and light are smooth interpolations between PATCHES x PATCHES random colours."""


@final
@dataclass(frozen=True)
class Variation:
    """Pose, expression, light, scene and camera of B pictures, each of shape (B, 1, 1, 1) unless said otherwise."""

    # Pose: pixels of a 112 x 112 picture and radians; ``yaw`` and ``pitch`` shift a part by its depth.
    shift_x: Tensor = between(-1.2, 1.2)
    shift_y: Tensor = between(-1.2, 1.2)
    roll: Tensor = between(-0.05, 0.05)
    zoom: Tensor = between(0.97, 1.04)
    shear: Tensor = between(-0.03, 0.03)
    yaw: Tensor = between(-0.6, 0.6)
    pitch: Tensor = between(-0.6, 0.6)

    # Expression.
    smile: Tensor = between(-0.3, 1.0)
    open: Tensor = between(-1.5, 1.5)
    squint: Tensor = between(0.0, 0.25)
    surprise: Tensor = between(-0.5, 0.7)
    gaze: Tensor = between(-1.0, 1.0)
    stubble: Tensor = between(0.25, 0.95)

    # The hair of the day.
    hair_volume: Tensor = between(2.0, 7.0)
    hair_length: Tensor = between(-35.0, 65.0)
    hair_light: Tensor = between(0.8, 1.22)
    hair_tint: Tensor = between(-0.11, 0.11)

    # Light.
    light_x: Tensor = between(-0.25, 0.25)
    light_y: Tensor = between(-0.22, 0.10)
    tan: Tensor = between(-0.11, 0.11)
    exposure: Tensor = between(0.78, 1.18)
    contrast: Tensor = between(0.85, 1.12)
    cast: Tensor = between(-0.06, 0.06, 3)
    dapple: Tensor = between(-0.13, 0.13, PATCHES * PATCHES)
    glow: Tensor = between(-0.045, 0.045, 3 * PATCHES * PATCHES)

    # Scene and camera.
    clothes: Tensor = between(0.1, 0.9, 3)
    collar: Tensor = between(-1.0, 1.0)
    backdrop: Tensor = between(0.1, 0.9, 3 * PATCHES * PATCHES)
    grain: Tensor = between(0.004, 0.016)
    grain_place: Tensor = between(0.0, 1.0, 3)
