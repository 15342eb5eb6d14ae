"""Findings about a training set and a test set together: do they share people, are their faces of one kind?"""

from dataclasses import dataclass
from typing import Final, final

from foveate.data.folder import ImageFolder
from foveate.data.image_files import ImageFiles
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet
from foveate.doctor.alignment import TOLERANCE, Alignment, alignment
from foveate.doctor.colour import Order, colour
from foveate.doctor.duplicates import shared_images
from foveate.doctor.finding import EXAMPLES, Finding, counted
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import SIDE, Survey

_SURE: Final = ("rgb", "bgr")


@final
@dataclass(frozen=True)
class Faces:
    """A set that was looked at.

    Attributes:
        pictures, seen: its images, and their survey.
        people: names of the people, where the set tells them.
    """

    pictures: Pictures
    seen: Survey
    people: frozenset[str] = frozenset()


def people_of_training(images: LabelledImages) -> frozenset[str]:
    """Names of the identities, if they are names of folders; the numbers of a record file mean nothing elsewhere."""
    return frozenset(images.classes) if isinstance(images, ImageFolder) else frozenset()


def people_of_test(test: TestSet) -> frozenset[str]:
    """Names of the people of a test set, if its images lie in folders that are called after them."""
    if not isinstance(test.images, ImageFiles) or test.name != "lfw":
        return frozenset()
    return frozenset(name.split("/")[0] for name in test.images.names)


def together_findings(training: Faces, test: Faces) -> list[Finding]:
    """What must not be between a training set and a test set."""
    found = [
        _shared_people(training, test),
        shared_images(training.pictures, training.seen, test.pictures, test.seen),
        other_colours(test.pictures.title, colour(training.seen).order, colour(test.seen).order),
    ]
    if not (test.seen.size[test.seen.readable] != SIDE).any():  # faces of identification sets may be raw
        found.append(other_alignment(test.pictures.title, alignment(training.seen), alignment(test.seen)))
    return [finding for finding in found if finding is not None]


def other_colours(title: str, training: Order | str, test: Order | str) -> Finding | None:
    """A finding if the channels of training and test set are in different orders, as far as both are sure."""
    if training == test or not {training, test} <= {*_SURE}:
        return None
    return Finding(
        "colour",
        "error",
        f"the colour order of {title} is {test}, that of the training set {training}",
        "The network sees every test face with red and blue swapped.",
        "Write one of the two anew with red first.",
    )


def other_alignment(title: str, training: Alignment, test: Alignment) -> Finding | None:
    """A finding if the faces of training and test set stand at different places, as far as both are clear."""
    distance = training.distance(test.left, test.right)
    if not (training.is_clear and test.is_clear) or distance <= TOLERANCE:
        return None
    return Finding(
        "alignment",
        "warning",
        f"the eyes of {title} are at {test.left} and {test.right}, those of the training set at {training.left} and "
        f"{training.right}: {distance:.1f} pixels apart",
        "A network recognises faces best that stand as those it was trained on; the number is no fair one.",
        "Align both sets with the same tool.",
    )


def _shared_people(training: Faces, test: Faces) -> Finding | None:
    names = {_plain(name): name for name in training.people}
    shared = sorted(names[_plain(name)] for name in test.people if _plain(name) in names)
    if not shared:
        return None
    numbers = all(name.isdecimal() for name in shared)
    return Finding(
        "shared identities",
        "warning" if numbers else "error",
        f"{counted(len(shared), 'identity', 'identities')} of {test.pictures.title} also in the training set, by name"
        + (" (they are numbers, and may mean other people)" if numbers else ""),
        "A test on people whom training has seen tells nothing about strangers; its numbers are too high.",
        "Take these people out of training, or out of the test ('foveate data split' keeps people apart).",
        tuple(shared[:EXAMPLES]),
    )


def _plain(name: str) -> str:
    """A name without what tools change about it: capitals, underscores, spaces."""
    return "".join(character for character in name.casefold() if character.isalnum())
