"""TinyFace (Cheng, Zhu and Gong, ACCV 2018): faces of 20 x 16 pixels to be found in a gallery with distractors.

Two layouts are known. The official one has two MATLAB lists beside three folders, in ``Testing_Set``:
``Probe``, ``Gallery_Match`` and ``Gallery_Distractor``. Sets of aligned faces (112 x 112) made from it keep the three
folders and the file names, which begin with the number of the person: ``12_3.jpg``.
"""

import os
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.identification_set import DISTRACTOR, IdentificationSet
from foveate.data.image_files import ImageFiles
from foveate.data.matlab import read_matlab
from foveate.errors import DataError

PROBE: Final = "Probe"
MATCH: Final = "Gallery_Match"
STRANGERS: Final = "Gallery_Distractor"
TESTING: Final = "Testing_Set"
LISTS: Final = {PROBE: ("probe_img_ID_pairs.mat", "probe"), MATCH: ("gallery_match_img_ID_pairs.mat", "gallery")}
"""The list of each folder, and the word its variables begin with."""

_SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
_SAME: Final = "List and folder must hold the same files; unpack the original archive again"

Labelled = dict[str, int]
"""File names and the person of each, in order."""


def is_tinyface(folder: Path) -> bool:
    """Whether a folder is laid out as TinyFace is, officially or with aligned faces."""
    root = _root(folder)
    return (root / PROBE).is_dir() and (root / MATCH).is_dir()


def read_tinyface(folder: Path) -> IdentificationSet:
    """Read the test set of TinyFace; the images themselves are read when asked for.

    Args:
        folder: the folder with ``Testing_Set``, that folder itself, or the three folders of aligned faces.

    Returns:
        The set, called ``tinyface``, or ``tinyface_aligned`` where there are no lists.

    Raises:
        DataError: a folder or a list is missing, they contradict each other, or a probe shows nobody of the gallery.
    """
    root = _root(folder)
    official = root.name == TESTING or any((root / file).exists() for file, _ in LISTS.values())
    read = _listed if official else _named
    probes, matches = read(root, PROBE), read(root, MATCH)
    strangers = dict.fromkeys(_images(root / STRANGERS), DISTRACTOR)
    _check_mates(probes, matches, root)
    together = {PROBE: probes, MATCH: matches, STRANGERS: strangers}
    names = [f"{part}/{name}" for part, people in together.items() for name in people]
    labels = np.array([label for people in together.values() for label in people.values()], dtype=np.int64)
    place = np.arange(len(names))
    name = "tinyface" if official else "tinyface_aligned"
    return IdentificationSet(name, ImageFiles(root, names), labels, place[: len(probes)], place[len(probes) :])


def _root(folder: Path) -> Path:
    return folder / TESTING if (folder / TESTING).is_dir() else folder


def _listed(root: Path, part: str) -> Labelled:
    """Files and people of a folder as its list says."""
    file, word = LISTS[part]
    content = read_matlab(root / file, [f"{word}_set", f"{word}_ids"])
    names, people = (content[f"{word}_{key}"].ravel() for key in ("set", "ids"))
    if len(names) != len(people) or len(names) == 0:
        problem = f"{len(names):,} file names do not go with {len(people):,} people"
        raise DataError(problem, file=root / file, remedy=_SAME)
    present, found = {*_images(root / part)}, Labelled()
    for row, (name, person) in enumerate(zip(map(_plain, names), map(_plain, people), strict=True), start=1):
        problem = _mistake(name, person, present, found, part)
        if problem is not None:
            raise DataError(problem, file=root / file, record=row, remedy=_SAME)
        found[str(name)] = int(person)  # pyright: ignore[reportArgumentType] -- checked above
    unlisted = sorted(present - found.keys())
    if unlisted:
        raise DataError(f"the image is not in the list {file}", file=root / part, record=unlisted[0], remedy=_SAME)
    return found


def _plain(cell: object) -> object:
    """What a cell holds: a cell array has arrays of one element."""
    return cell.item() if isinstance(cell, np.ndarray | np.generic) and cell.size == 1 else cell


def _mistake(name: object, person: object, present: set[str], found: Labelled, part: str) -> str | None:
    """What is wrong with a row of a list, if anything is."""
    if not isinstance(name, str) or not isinstance(person, int | float) or person < 0 or person % 1:
        return f"{str(name)[:40]!r} and {str(person)[:20]!r} are not a file name and the number of a person"
    if name not in present:
        return f"the image {name[:80]} is not in the folder {part}"
    if name in found:
        return f"the image {name} is listed twice"
    number = _person(name)
    if number is not None and number != person:
        return f"the image {name} is listed as person {int(person)}"
    return None


def _named(root: Path, part: str) -> Labelled:
    """Files and people of a folder as the file names say."""
    found = Labelled()
    for name in _images(root / part):
        number = _person(name)
        if number is None:
            problem, remedy = "the file name does not begin with the number of a person", "Call it as 12_3.jpg is"
            raise DataError(problem, file=root / part, record=name, remedy=remedy)
        found[name] = number
    return found


def _person(name: str) -> int | None:
    """The number before the first underscore."""
    number, line, _ = name.partition("_")
    return int(number) if line and number.isascii() and number.isdigit() else None


def _images(folder: Path) -> list[str]:
    """Names of the images in a folder, sorted; hidden files and files that are no images are passed over."""
    try:
        names = sorted(name for name in os.listdir(folder) if name.lower().endswith(_SUFFIXES) and name[0] != ".")  # noqa: PTH208  (a Path for each of 153,428 names is slow)
    except OSError as error:
        remedy = f"Give a folder with {PROBE}, {MATCH} and {STRANGERS}"
        raise DataError(f"the folder cannot be listed ({error.strerror})", file=folder, remedy=remedy) from error
    if not names:
        raise DataError("the folder holds no images", file=folder, remedy="Unpack the whole archive")
    return names


def _check_mates(probes: Labelled, matches: Labelled, root: Path) -> None:
    known = {*matches.values()}
    for name, person in probes.items():
        if person not in known:
            remedy = "Put the missing face of this person back, or take the probe out"
            problem = f"person {person} has no face in {MATCH}, so the probe cannot be found"
            raise DataError(problem, file=root / PROBE, record=name, remedy=remedy)
