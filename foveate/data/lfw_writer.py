"""Writing verification pairs in LFW's layout: ``name/name_0001.jpg`` and pairs.txt."""

from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int64

from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError
from foveate.files import write_bytes

_REMEDY: Final = "Sort the pairs by fold, with as many of each kind in every fold"


def write_lfw(folder: Path, pairs: VerificationPairs, people: Int64[np.ndarray, " N"]) -> Path:
    """Write pairs as ``read_lfw`` reads them; their order stays.

    Args:
        folder: where to write.
        pairs: with folds that are contiguous, of equal size, and half of the same person; the layout keeps no others.
        people: who each image shows. People are called by their numbers, and files .jpg whatever their format, as the
            list has no place for other names.

    Returns:
        The folder.

    Raises:
        DataError: the folds would be lost, or an image cannot be read.
    """
    folds = len(np.unique(pairs.fold))
    each = len(pairs) // folds // 2
    same = np.bincount(pairs.fold, weights=pairs.same)
    if not np.array_equal(pairs.fold, np.arange(folds).repeat(2 * each)) or (same != each).any():
        problem = "the folds are not contiguous, of one size and balanced, and LFW's list holds no others"
        raise DataError(problem, file=folder, remedy=_REMEDY)
    photos = _photos(pairs, people)
    lines = [f"{folds}\t{each}"]
    for left, right, alike in zip(pairs.left.tolist(), pairs.right.tolist(), pairs.same.tolist(), strict=True):
        (one, first), (two, second) = photos[left], photos[right]
        if alike and one != two:
            problem = f"pair {len(lines) - 1} is called one person, but shows two"
            raise DataError(problem, file=folder, remedy="Give the people as the pairs connect them")
        lines.append(f"{one}\t{first}\t{second}" if alike else f"{one}\t{first}\t{two}\t{second}")
    for place, (name, photo) in photos.items():
        file = folder / name / f"{name}_{photo:04d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pairs.images[place])
    write_bytes(folder / "pairs.txt", "".join(f"{line}\n" for line in lines).encode())
    return folder


def _photos(pairs: VerificationPairs, people: Int64[np.ndarray, " N"]) -> dict[int, tuple[str, int]]:
    """Name of the person and number of the photo of each image, in the order in which the pairs name them."""
    width = len(str(int(people.max())))
    taken: dict[int, int] = {}
    found: dict[int, tuple[str, int]] = {}
    for place in np.stack([pairs.left, pairs.right], axis=1).ravel().tolist():
        if place not in found:
            person = int(people[place])
            taken[person] = taken.get(person, 0) + 1
            found[place] = (f"{person:0{width}d}", taken[person])
    return found
