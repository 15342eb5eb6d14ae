"""Celebrities in Frontal-Profile (Sengupta et al., WACV 2016): CFP-FP, a frontal photo and one from the side, and
CFP-FF, two frontal ones; raw images and official lists.

``Protocol/Pair_list_F.txt`` and ``Pair_list_P.txt`` number the frontal and the profile images from 1, a line
``7 ../Data/Images/001/frontal/07.jpg`` each; ``Protocol/Split/{FP,FF}/{01 ... 10}/{same,diff}.txt`` name the pairs of
a fold by these numbers, a line ``7,12`` each.

Legend: P pairs.
"""

import posixpath
import re
from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.listed_images import ListedImages
from foveate.data.pairs import VerificationPairs
from foveate.data.text_lines import read_lines
from foveate.errors import DataError

PROTOCOL: Final = "Protocol"
IMAGE_LISTS: Final = {"F": "Pair_list_F.txt", "P": "Pair_list_P.txt"}
PROTOCOLS: Final = {"cfp_fp": "FP", "cfp_ff": "FF"}
"""Names of the sets, as insightface's .bin files are called, and which images their pairs are made of."""
KINDS: Final = {"same.txt": True, "diff.txt": False}
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_REMEDY: Final = "Use the lists of the official archive, cfp-dataset.zip"


def is_cfp(folder: Path) -> bool:
    """Whether a folder holds CFP's lists."""
    return (folder / PROTOCOL / IMAGE_LISTS["F"]).is_file()


def read_cfp(folder: Path) -> tuple[VerificationPairs, ...]:
    """Read the pairs of both protocols; the images themselves are read when asked for.

    Args:
        folder: with ``Protocol`` and the (aligned) images below ``Data/Images``.

    Returns:
        The sets ``cfp_fp`` and ``cfp_ff``, or the one of them that is there, in the official folds.

    Raises:
        DataError: a list is missing or has a wrong line, or an image is missing.
    """
    splits = folder / PROTOCOL / "Split"
    found = tuple(_read(folder, name, sides) for name, sides in PROTOCOLS.items() if (splits / sides).is_dir())
    if not found:
        raise DataError("it holds neither FP nor FF", file=splits, remedy=_REMEDY)
    return found


def _read(folder: Path, name: str, sides: str) -> VerificationPairs:
    splits = folder / PROTOCOL / "Split" / sides
    lists = {side: folder / PROTOCOL / IMAGE_LISTS[side] for side in sides}
    numbers = {side: _image_list(file) for side, file in lists.items()}
    images = ListedImages(folder)
    places, same, fold = [], [], []
    parts = sorted(part for part in splits.iterdir() if part.is_dir() and part.name.isdigit())
    for number, part in enumerate(parts):
        for kind, one in KINDS.items():
            for line, pair in enumerate(_pairs(part / kind), start=1):
                places.append([
                    images.place(_path(numbers[side], each, part / kind, line), file=lists[side], record=each)
                    for side, each in zip(sides, pair, strict=True)
                ])  # fmt: skip
                same.append(one)
                fold.append(number)
    if not places:
        raise DataError("it holds no folds 01, 02, ...", file=splits, remedy=_REMEDY)
    left, right = np.array(places, dtype=np.int64).T.copy()
    people = images.people(lambda path: path.split("/")[-3])
    return VerificationPairs(name, images.files, left, right, np.array(same), np.array(fold), people)


def _image_list(file: Path) -> dict[int, str]:
    """Path inside of the folder of each image, by its number."""
    found: dict[int, str] = {}
    for line, text in enumerate(read_lines(file, remedy=_REMEDY), start=1):
        fields = text.split(maxsplit=1)
        path = posixpath.normpath(posixpath.join(PROTOCOL, fields[1].strip())) if len(fields) == 2 else ""
        number = int(fields[0]) if path and _NUMBER.fullmatch(fields[0]) else 0
        if not number or path.count("/") < 2 or number in found:
            problem = f"{text[:60]!r} is no new number and path of an image"
            raise DataError(problem, file=file, record=line, remedy=_REMEDY)
        found[number] = path
    return found


def _pairs(file: Path) -> list[tuple[int, int]]:
    """The two numbers of each line."""
    found = []
    for line, text in enumerate(read_lines(file, remedy=_REMEDY), start=1):
        numbers = re.fullmatch(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*", text, re.ASCII)
        if numbers is None:
            raise DataError(f"{text[:60]!r} is no pair of numbers", file=file, record=line, remedy=_REMEDY)
        found.append((int(numbers[1]), int(numbers[2])))
    return found


def _path(paths: dict[int, str], number: int, file: Path, line: int) -> str:
    if number not in paths:
        raise DataError(f"the image {number} is in no list", file=file, record=line, remedy=_REMEDY)
    return paths[number]
