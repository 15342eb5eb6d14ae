"""Degradations by the names the paper's tables use: a preset, and a ratio (2x, 4x, 8x) or a side in pixels."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from foveate.degrade.degradation import Degradation
from foveate.degrade.mixed import Mixed
from foveate.degrade.released import Released
from foveate.degrade.sharp import Sharp
from foveate.degrade.shrink import Shrink
from foveate.errors import RecipeError

Preset = Literal["paper", "released"]

KINDS: Final[Mapping[Preset, Callable[[int], Degradation]]] = {"paper": Shrink, "released": Released}
"""Of each preset, what makes its degradation to a side in pixels."""


def degradation(
    preset: Preset, *, ratio: tuple[int, ...] = (), side: tuple[int, ...] = (), size: int = 112
) -> Degradation:
    """Make the degradation of a preset.

    Args:
        preset: ``paper`` (bicubic, blur, bicubic) or ``released`` (as the authors' code).
        ratio: down-sampling ratios; 1 is the sharp face.
        side: sides of the small face in pixels, in place of ratios.
        size: side of the sharp face in pixels.

    Returns:
        One degradation, or with several ratios or sides a ``Mixed`` that draws one for each face.

    Raises:
        RecipeError: neither or both of ratio and side are given, or a side that is out of range.
    """
    if bool(ratio) == bool(side):
        raise RecipeError("give either a ratio or a side", remedy="For example --ratio 8, or --side 14.")
    for value in ratio:
        if value < 1 or size % value:
            raise RecipeError(
                f"a face of {size} pixels cannot be shrunk {value} times exactly",
                remedy="Choose a ratio that divides it, or name the side in pixels with --side.",
            )
    sides = side or tuple(size // value for value in ratio)
    for value in sides:
        if not 3 <= value <= size:
            raise RecipeError(
                f"a side of {value} pixels is not between 3 and {size}", remedy="Choose a side in that range."
            )
    choices = tuple(Sharp() if value == size else KINDS[preset](value) for value in sides)
    return choices[0] if len(choices) == 1 else Mixed(choices)
