"""TinyFace (Cheng, Zhu and Gong, ACCV 2018): faces of 20 x 16 pixels to be found in a gallery with distractors.

Two layouts are known. The official one has two MATLAB lists beside three folders, in ``Testing_Set``:
``Probe``, ``Gallery_Match`` and ``Gallery_Distractor``. Sets of aligned faces (112 x 112) made from it keep the three
folders and the file names, which begin with the number of the person: ``12_3.jpg``.
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.identification_set import DISTRACTOR, IdentificationSet
from foveate.data.identity_list import SAME, Labelled, read_identity_list
from foveate.data.image_files import ImageFiles
from foveate.data.image_names import images_in, person_in
from foveate.errors import DataError

PROBE: Final = "Probe"
MATCH: Final = "Gallery_Match"
STRANGERS: Final = "Gallery_Distractor"
TESTING: Final = "Testing_Set"
LISTS: Final = {PROBE: ("probe_img_ID_pairs.mat", "probe"), MATCH: ("gallery_match_img_ID_pairs.mat", "gallery")}
"""The list of each folder, and the word its variables begin with."""

_LAYOUT: Final = f"Give a folder with {PROBE}, {MATCH} and {STRANGERS}"


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
    strangers = dict.fromkeys(images_in(root / STRANGERS, layout=_LAYOUT), DISTRACTOR)
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
    """Files and people of a folder as its list says, which the file names must not contradict."""
    file, word = LISTS[part]
    found = read_identity_list(root / file, word, root / part, layout=_LAYOUT)
    for row, (name, person) in enumerate(found.items(), start=1):
        if person_in(name) not in (None, person):
            problem = f"the image {name} is listed as person {person}"
            raise DataError(problem, file=root / file, record=row, remedy=SAME)
    return found


def _named(root: Path, part: str) -> Labelled:
    """Files and people of a folder as the file names say."""
    found = Labelled()
    for name in images_in(root / part, layout=_LAYOUT):
        number = person_in(name)
        if number is None:
            problem, remedy = "the file name does not begin with the number of a person", "Call it as 12_3.jpg is"
            raise DataError(problem, file=root / part, record=name, remedy=remedy)
        found[name] = number
    return found


def _check_mates(probes: Labelled, matches: Labelled, root: Path) -> None:
    known = {*matches.values()}
    for name, person in probes.items():
        if person not in known:
            remedy = "Put the missing face of this person back, or take the probe out"
            problem = f"person {person} has no face in {MATCH}, so the probe cannot be found"
            raise DataError(problem, file=root / PROBE, record=name, remedy=remedy)
