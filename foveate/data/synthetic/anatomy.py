"""Anatomy: what stays the same in every picture of one drawn person.

Legend: B faces.

Lengths are in pixels of a 112 x 112 picture, measured from the middle of the face: x to the right, y down. The eyes lie
at about y = -6, the mouth at 22 and the chin at 42. Most traits are fine (one to five pixels), as the traits are that
people are told apart by; few of them survive when the picture is shrunk to 14 x 14. Beard, moustache, glasses,
baldness, freckles and lines are there where their trait is positive.
"""

from dataclasses import dataclass
from typing import Final, final

from torch import Tensor

from foveate.data.synthetic.traits import between

MARKS: Final = 18


@final
@dataclass(frozen=True)
class Anatomy:
    """The identity of B drawn people, one number a trait, each of shape (B, 1, 1, 1) unless said otherwise."""

    # The head.
    head_width: Tensor = between(30.2, 32.6)
    head_height: Tensor = between(42.5, 45.5)
    jaw: Tensor = between(0.02, 0.30)
    squareness: Tensor = between(0.0, 0.45)
    ear_size: Tensor = between(4.0, 7.0)
    ear_height: Tensor = between(-3.0, 3.0)
    skin_tone: Tensor = between(0.08, 0.92)
    skin_warmth: Tensor = between(-0.025, 0.025)
    age: Tensor = between(-0.6, 1.0)
    forehead_lines: Tensor = between(-0.6, 1.0)
    forehead_rate: Tensor = between(0.9, 1.9)
    freckles: Tensor = between(-0.5, 1.0)
    freckle_rate: Tensor = between(0.8, 1.8)

    # Hair.
    hair_colour: Tensor = between(0.0, 1.0)
    hair_line: Tensor = between(-33.0, -26.0)
    hair_part: Tensor = between(-0.35, 0.35)
    sideburn: Tensor = between(-20.0, 0.0)
    fringe_depth: Tensor = between(0.0, 7.0)
    fringe_rate: Tensor = between(0.15, 0.7)
    hair_bald: Tensor = between(-0.95, 0.05)
    strand_rate: Tensor = between(0.45, 1.35)
    strand_lean: Tensor = between(-0.8, 0.8)
    curl_depth: Tensor = between(0.0, 2.5)
    curl_rate: Tensor = between(0.2, 0.7)
    beard: Tensor = between(-0.86, 0.14)
    beard_top: Tensor = between(14.0, 26.0)
    beard_rate: Tensor = between(0.9, 1.8)
    moustache: Tensor = between(-0.84, 0.16)
    moustache_width: Tensor = between(8.0, 15.0)
    moustache_bend: Tensor = between(-0.02, 0.05)

    # Brows.
    brow_height: Tensor = between(-20.0, -14.0)
    brow_middle: Tensor = between(13.5, 17.0)
    brow_width: Tensor = between(6.5, 11.0)
    brow_thickness: Tensor = between(0.7, 3.2)
    brow_slope: Tensor = between(-0.36, 0.28)
    brow_arch: Tensor = between(-0.002, 0.045)
    brow_taper: Tensor = between(-0.3, 0.9)

    # Eyes.
    eye_spacing: Tensor = between(13.0, 16.5)
    eye_height: Tensor = between(-7.5, -4.5)
    eye_width: Tensor = between(5.5, 9.0)
    eye_upper: Tensor = between(2.2, 5.6)
    eye_lower: Tensor = between(1.2, 3.8)
    eye_tilt: Tensor = between(-0.26, 0.26)
    iris_size: Tensor = between(2.4, 4.2)
    iris_colour: Tensor = between(0.0, 1.0)
    iris_ring: Tensor = between(0.0, 0.8)
    pupil_size: Tensor = between(0.9, 1.8)
    lid_fold: Tensor = between(1.0, 4.6)
    lid_line: Tensor = between(0.4, 2.0)
    lid_wing: Tensor = between(0.0, 3.0)
    lid_shadow: Tensor = between(-0.25, 0.35)
    eye_bag: Tensor = between(-0.3, 0.5)

    # Nose.
    nose_tip: Tensor = between(7.0, 14.0)
    nose_width: Tensor = between(4.2, 9.0)
    nose_bridge: Tensor = between(1.4, 3.4)
    nostril_size: Tensor = between(0.6, 2.1)
    nostril_tilt: Tensor = between(-0.6, 0.6)
    nose_wing: Tensor = between(1.6, 3.4)

    # Mouth.
    mouth_height: Tensor = between(19.5, 25.5)
    mouth_width: Tensor = between(7.5, 15.0)
    mouth_curve: Tensor = between(-1.8, 2.6)
    lip_upper: Tensor = between(0.5, 3.6)
    lip_lower: Tensor = between(0.8, 4.8)
    lip_bow: Tensor = between(-0.8, 2.2)
    lip_colour: Tensor = between(0.15, 0.9)
    chin_dimple: Tensor = between(-0.8, 0.8)

    # Glasses.
    glasses: Tensor = between(-0.6, 0.4)
    lens_width: Tensor = between(8.0, 12.5)
    lens_height: Tensor = between(5.0, 10.5)
    lens_squareness: Tensor = between(0.0, 0.85)
    frame_thickness: Tensor = between(0.8, 2.0)
    frame_colour: Tensor = between(0.0, 1.0)

    # Freckles, moles and scars, each of shape (B, MARKS): place (polar), half length, slenderness, angle and darkness.
    mark_radius: Tensor = between(0.0, 1.0, MARKS)
    mark_angle: Tensor = between(0.0, 6.2832, MARKS)
    mark_kind: Tensor = between(0.0, 1.0, MARKS)
    mark_turn: Tensor = between(0.0, 3.1416, MARKS)
