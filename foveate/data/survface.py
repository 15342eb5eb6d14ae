"""QMUL-SurvFace (Cheng, Zhu and Gong, arXiv 1804.09691): faces of surveillance cameras, 24 x 20 pixels on average;
verification, and identification where most probes show somebody who is not in the gallery.

``Face_Verification_Test_Set`` has ``verification_images`` and two MATLAB lists of P x 2 file names.
``Face_Identification_Test_Set`` has ``gallery``, ``mated_probe`` and ``unmated_probe``, and lists who is on the images
of the first two; some copies keep these lists in ``Face_Identification_Evaluation``.

What is odd about the archive, and taken as it is: it holds 242,453 test images, not the 242,617 of the official page;
the lists number people otherwise than the file names (``1234_cam1_2.jpg``) do; some unmated probes,
``distractors_17.jpg``, show nobody knows whom.

Legend: P pairs.
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.folds import balanced_folds
from foveate.data.identification_set import UNKNOWN, IdentificationSet
from foveate.data.identity_list import SAME, Labelled, read_identity_list
from foveate.data.image_files import ImageFiles
from foveate.data.image_names import images_in, person_in
from foveate.data.listed_images import ListedImages
from foveate.data.matlab import plain_cells, read_matlab
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

VERIFICATION: Final = "Face_Verification_Test_Set"
PAIRED: Final = "verification_images"
PAIR_LISTS: Final = {"positive_pairs_names": True, "negative_pairs_names": False}
IDENTIFICATION: Final = "Face_Identification_Test_Set"
GALLERY, MATED, UNMATED = "gallery", "mated_probe", "unmated_probe"
IDENTITY_LISTS: Final = {GALLERY: "gallery_img_ID_pairs.mat", MATED: "mated_probe_img_ID_pairs.mat"}
ELSEWHERE: Final = "Face_Identification_Evaluation"
"""Where some copies keep the lists of the identification set."""

_FOLDS: Final = 10
_LAYOUT: Final = f"Give a folder with {GALLERY}, {MATED} and {UNMATED}, as the archive has"


def is_survface(folder: Path) -> bool:
    """Whether a folder holds one of SurvFace's test sets, or is one."""
    return _root(folder, VERIFICATION, PAIRED).is_dir() or _root(folder, IDENTIFICATION, UNMATED).is_dir()


def read_survface(folder: Path) -> tuple[VerificationPairs | IdentificationSet, ...]:
    """Read the test sets; the images themselves are read when asked for.

    Args:
        folder: of the archive, or one of its two folders of test sets.

    Returns:
        ``survface_verification``, in ten folds made of as many pairs of each kind in the order of the lists (the
        authors name none), and ``survface_identification``; or the one of them that is there.

    Raises:
        DataError: a folder or a list is missing, or they contradict each other.
    """
    found: list[VerificationPairs | IdentificationSet] = []
    if _root(folder, VERIFICATION, PAIRED).is_dir():
        found.append(_verification(_root(folder, VERIFICATION, PAIRED).parent))
    if _root(folder, IDENTIFICATION, UNMATED).is_dir():
        found.append(_identification(_root(folder, IDENTIFICATION, UNMATED).parent))
    if not found:
        raise DataError(f"it holds neither {VERIFICATION} nor {IDENTIFICATION}", file=folder, remedy=_LAYOUT)
    return tuple(found)


def _root(folder: Path, part: str, images: str) -> Path:
    return folder / part / images if (folder / part).is_dir() else folder / images


def _verification(root: Path) -> VerificationPairs:
    images = ListedImages(root / PAIRED)
    sides, same = [], []
    for word, one in PAIR_LISTS.items():
        file = root / f"{word}.mat"
        table = read_matlab(file, [word])[word]
        if table.ndim != 2 or table.shape[1] != 2 or not len(table):
            raise DataError(f"{word} is {table.shape}, not two names for each pair", file=file, remedy=SAME)
        names = plain_cells(table)
        for row, pair in enumerate(zip(names[::2], names[1::2], strict=True), start=1):
            _check_pair(pair, one, row, file)
            sides.append([images.place(str(name), file=file, record=row) for name in pair])
            same.append(one)
    flags = np.array(same)
    order, fold = balanced_folds(flags, _FOLDS, file=root)
    left, right = np.array(sides, dtype=np.int64)[order].T.copy()
    people = np.array([person_in(name) for name in images.names], dtype=np.int64)
    name = "survface_verification"
    return VerificationPairs(name, images.files, left, right, flags[order], fold, people, native=True)


def _check_pair(pair: tuple[object, object], same: bool, row: int, file: Path) -> None:
    """Names that begin with people, the same person or not, as the list claims."""
    people = [person_in(name) if isinstance(name, str) else None for name in pair]
    if None in people:
        problem = f"{str(pair[0])[:40]!r} and {str(pair[1])[:40]!r} are no file names that begin with a person's number"
        raise DataError(problem, file=file, record=row, remedy=SAME)
    if (people[0] == people[1]) != same:
        problem = f"{pair[0]} and {pair[1]} show {'two people' if same else 'one person'} by their names"
        raise DataError(problem, file=file, record=row, remedy=SAME)


def _identification(root: Path) -> IdentificationSet:
    lists = next((each for each in (root, root.parent / ELSEWHERE) if (each / IDENTITY_LISTS[GALLERY]).is_file()), root)
    gallery, mated = (
        read_identity_list(lists / file, part, root / part, layout=_LAYOUT) for part, file in IDENTITY_LISTS.items()
    )
    unmated = dict.fromkeys(images_in(root / UNMATED, layout=_LAYOUT), UNKNOWN)
    _check_people(gallery, mated, unmated, root)
    together = {MATED: mated, UNMATED: unmated, GALLERY: gallery}
    names = [f"{part}/{name}" for part, people in together.items() for name in people]
    labels = np.array([label for people in together.values() for label in people.values()], dtype=np.int64)
    place, probes = np.arange(len(names)), len(mated) + len(unmated)
    images = ImageFiles(root, names)
    return IdentificationSet("survface_identification", images, labels, place[:probes], place[probes:], templates=True)


def _check_people(gallery: Labelled, mated: Labelled, unmated: Labelled, root: Path) -> None:
    """File names and lists number people differently, but one to one; no unmated probe may show one of the gallery."""
    listed: dict[int, int] = {}
    named: dict[int, int] = {}
    for part, people in ((GALLERY, gallery), (MATED, mated)):
        for name, person in people.items():
            number = person_in(name)
            if number is None:
                problem = "the file name does not begin with the number of a person"
                raise DataError(problem, file=root / part, record=name, remedy=SAME)
            if part == MATED and person not in listed:
                problem = f"person {person} has no face in {GALLERY}, so the probe has no mate"
                raise DataError(problem, file=root / part, record=name, remedy=SAME)
            if listed.setdefault(person, number) != number or named.setdefault(number, person) != person:
                problem = f"the list says person {person}, which stands for another number in other file names"
                raise DataError(problem, file=root / part, record=name, remedy=SAME)
    for name in unmated:
        if person_in(name) in named:
            problem = f"the file name says person {person_in(name)}, who is in {GALLERY}"
            raise DataError(problem, file=root / UNMATED, record=name, remedy=SAME)
