"""Findings about the images of one set by themselves: can they be read, are they of one kind?"""

from typing import Final

import numpy as np
from jaxtyping import Bool

from foveate.doctor.alignment import LEAST_FACES, LEFT_EYE, RIGHT_EYE, TOLERANCE, alignment
from foveate.doctor.colour import Colour, colour
from foveate.doctor.finding import EXAMPLES, Finding, counted
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import SIDE, Survey

BLANK: Final = 2.0
"""Standard deviation in grey levels below which an image shows nothing."""
COLD: Final = -15.0
"""Grey levels by which single images must be bluer than red to look swapped."""
_FEW, _MANY = 0.02, 0.25  # shares of cold images: below is the light, above the whole set is in question


def image_findings(pictures: Pictures, seen: Survey, *, any_size: bool = False) -> list[Finding]:
    """What is wrong with the images.

    Args:
        pictures: the images.
        seen: their survey.
        any_size: whether images may have any size, and faces stand anywhere, as in sets for identification.
    """
    found = [_unreadable(pictures, seen), _blank(pictures, seen), _colour(pictures, seen)]
    if not any_size:
        found += [_sizes(pictures, seen), _alignment(pictures, seen)]
    return [finding for finding in found if finding is not None]


def blank(seen: Survey) -> Bool[np.ndarray, " N"]:
    """Which images can be read and show nothing."""
    return seen.readable & (seen.contrast < BLANK)


def _examples(pictures: Pictures, numbers: np.ndarray) -> tuple[str, ...]:
    return tuple(pictures.name(number) for number in numbers[:EXAMPLES].tolist())


def _unreadable(pictures: Pictures, seen: Survey) -> Finding | None:
    if not seen.problems:
        return None
    some = sorted(seen.problems.items())
    return Finding(
        "unreadable",
        "error",
        f"{counted(len(some), 'image')} of {pictures.count:,} in {pictures.title} cannot be decoded",
        "Training and evaluation stop at the first of them; nothing is skipped silently.",
        "Copy the set again from where it came from, or take these images out.",
        tuple(f"{pictures.name(number)}: {problem}" for number, problem in some[:EXAMPLES]),
    )


def _blank(pictures: Pictures, seen: Survey) -> Finding | None:
    numbers = np.flatnonzero(blank(seen))
    if not numbers.size:
        return None
    return Finding(
        "blank",
        "warning",
        f"{counted(numbers.size, 'image')} of {pictures.title} shows nothing but one shade"
        if numbers.size == 1
        else f"{counted(numbers.size, 'image')} of {pictures.title} show nothing but one shade",
        "An image without a face teaches that its identity looks like nothing.",
        "Take them out.",
        _examples(pictures, numbers),
    )


def _sizes(pictures: Pictures, seen: Survey) -> Finding | None:
    other = np.flatnonzero(seen.readable & (seen.size != SIDE).any(axis=1))
    if not other.size:
        return None
    sizes, counts = np.unique(seen.size[other], axis=0, return_counts=True)
    most = ", ".join(f"{sizes[row, 1]} x {sizes[row, 0]}" for row in np.argsort(-counts)[:3])
    return Finding(
        "size",
        "error",
        f"{counted(other.size, 'image')} of {pictures.count:,} in {pictures.title} not of {SIDE} x {SIDE} pixels "
        f"(most often {most})",
        "The network takes faces of one size; training and verification stop at any other.",
        f"Align the faces and crop them to {SIDE} x {SIDE} pixels.",
        _examples(pictures, other),
    )


def _colour(pictures: Pictures, seen: Survey) -> Finding | None:
    found = colour(seen)
    if found.order == "bgr":
        return Finding(
            "colour",
            "error",
            f"red and blue are swapped in {pictures.title}: only {found}",
            "Networks learn colours; on other faces, or with weights from elsewhere, they see strangers.",
            "Write the images anew with red first (cv2.imread gives blue first, and cv2.imwrite wants it so).",
        )
    if found.order == "mixed":
        return Finding(
            "colour",
            "warning",
            f"the colour order of {pictures.title} is not one: {found}",
            "Some of the images have red and blue swapped, or were taken in coloured light.",
            "Look at the contact sheet of 'foveate data show', and at where the images come from.",
            _examples(pictures, np.flatnonzero(seen.warmth < COLD)),
        )
    return _some_cold(pictures, seen, found)


def _some_cold(pictures: Pictures, seen: Survey, found: Colour) -> Finding | None:
    cold = np.flatnonzero(seen.readable & (seen.warmth < COLD))
    if found.order == "grey":
        return Finding(
            "colour",
            "note",
            f"the images of {pictures.title} are grey",
            "A network trained on grey faces has not seen colours, and one trained in colour misses them here.",
            "Nothing, if training and test sets are both grey.",
        )
    if found.order != "rgb" or not _FEW <= cold.size / max(1, found.votes) <= _MANY:
        return None
    return Finding(
        "colour",
        "warning",
        f"{counted(cold.size, 'image')} of {pictures.title} are much bluer than red, as if their channels were swapped",
        "Of usual photos it is fewer than one in a hundred; part of the set may come from another tool.",
        "Look at these images, and write them anew with red first if they are swapped.",
        _examples(pictures, cold),
    )


def _alignment(pictures: Pictures, seen: Survey) -> Finding | None:
    found = alignment(seen)
    if found.faces < LEAST_FACES:
        return None
    remedy = "Align the faces to the template of 112 x 112 pixels, all with the same tool."
    if not found.is_clear and found.is_blurred:
        return Finding(
            "alignment",
            "note",
            f"the images of {pictures.title} are too blurred to tell where the eyes are",
            "Whether the faces are aligned is known of their sharp originals alone.",
            "Check the set that this is a copy of. Training wants sharp faces, which it degrades itself.",
        )
    if not found.is_clear:
        return Finding(
            "alignment",
            "warning",
            f"the faces of {pictures.title} stand in different places: the eyes of the mean face of {found.faces:,} "
            f"images are a blur (clarity {found.clarity:g}, aligned faces have 0.6 to 1)",
            "A network that takes aligned faces recognises others far worse, most of all small ones.",
            remedy,
        )
    distance = found.distance(LEFT_EYE, RIGHT_EYE)
    if distance <= TOLERANCE:
        return None
    return Finding(
        "alignment",
        "warning",
        f"the eyes of {pictures.title} are at {found.left} and {found.right}, {distance:.1f} pixels from the "
        f"template's {LEFT_EYE} and {RIGHT_EYE}",
        "Public weights and test sets (.bin) are aligned to that template; other crops look like other faces to them.",
        remedy + " If all your sets are cropped like this one, and no weights come from elsewhere, leave it.",
    )
