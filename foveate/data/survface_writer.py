"""QMUL-SurvFace's layout, written: for sets of one's own, and for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from foveate.data import survface
from foveate.data.image_writer import write_image
from foveate.data.matlab_writer import cells, write_matlab

Images = Mapping[int, Sequence[bytes]]
Pairs = Sequence[tuple[str, str]]


def write_survface_verification(folder: Path, *, images: Images, positive: Pairs, negative: Pairs) -> Path:
    """Write pairs as ``read_survface`` reads them.

    Args:
        folder: where to write.
        images: JPEG bytes by person; the second image of person 7 is called ``7_cam1_2.jpg``.
        positive, negative: file names of the pairs of one person, and of two.

    Returns:
        The folder.
    """
    root = folder / survface.VERIFICATION
    _write(root / survface.PAIRED, images)
    for word, same in survface.PAIR_LISTS.items():
        write_matlab(root / f"{word}.mat", {word: cells(positive if same else negative)})
    return folder


def write_survface_identification(
    folder: Path, *, gallery: Images, mated: Images, unmated: Images, distractors: Sequence[bytes] = ()
) -> Path:
    """Write galleries and probes as ``read_survface`` reads them.

    Args:
        folder: where to write.
        gallery, mated, unmated: JPEG bytes by person, who has other numbers in the lists: 1, 2, ... in the order of
            the gallery.
        distractors: JPEG bytes of unmated probes of nobody knows whom.

    Returns:
        The folder.
    """
    root = folder / survface.IDENTIFICATION
    listed = {person: number for number, person in enumerate(gallery, start=1)}
    for part, people in ((survface.GALLERY, gallery), (survface.MATED, mated)):
        names = _write(root / part, people, first=1 if part == survface.GALLERY else 1001)
        numbers = [listed[person] for person, images in people.items() for _ in images]
        lists = {f"{part}_set": cells([[name] for name in names]), f"{part}_ids": np.array(numbers)[:, None]}
        write_matlab(root / survface.IDENTITY_LISTS[part], lists)
    _write(root / survface.UNMATED, unmated)
    for number, image in enumerate(distractors, start=1):
        write_image(root / survface.UNMATED / f"distractors_{number}.jpg", image)
    return folder


def _write(folder: Path, people: Images, *, first: int = 1) -> list[str]:
    """The names of the images of all people, in order."""
    names = []
    for person, images in people.items():
        for number, image in enumerate(images, start=first):
            names.append(f"{person}_cam1_{number}.jpg")
            write_image(folder / names[-1], image)
    return names
