"""Verification sets as insightface stores them: a pickle of images and truth values (docs/data.md).

Legend: P pairs, I images.

The pickle is read as data and never run (``foveate.data.inert_pickle``).
"""

from pathlib import Path
from typing import Final

import numpy as np

from foveate.data.folds import contiguous_folds
from foveate.data.inert_pickle import PickledArray, load_inert
from foveate.data.pairs import VerificationPairs
from foveate.errors import DataError

_IMAGE_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"BM", b"RIFF")
_REMEDY: Final = (
    "Give a file of 2 P encoded images (JPEG, PNG, BMP or WebP) and P truth values, as insightface writes it"
)


def read_verification_bin(path: Path, *, folds: int = 10) -> VerificationPairs:
    """Read a .bin file of verification pairs; images 2p and 2p + 1 make pair p.

    Args:
        path: the .bin file; its stem becomes the name of the set.
        folds: how many contiguous folds the pairs make.

    Returns:
        The pairs; images that occur more than once are kept once.

    Raises:
        DataError: the file is missing, damaged, tries to run something, or holds other things than pairs of images.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        remedy = "Give the path of a .bin file that can be read"
        raise DataError(f"cannot be opened ({error.strerror})", file=path, remedy=remedy) from error
    encoded, truths = _two_lists(load_inert(data, file=path), path)
    if not truths or len(encoded) != 2 * len(truths):
        problem = f"{len(encoded):,} images do not go with {len(truths):,} truth values, two to one"
        raise DataError(problem, file=path, remedy=_REMEDY)
    place_of: dict[bytes, int] = {}
    places = [place_of.setdefault(_image(item, i, path), len(place_of)) for i, item in enumerate(encoded)]
    sides = np.array(places, dtype=np.int64).reshape(-1, 2)
    same = np.array([_truth(item, pair, path) for pair, item in enumerate(truths)], dtype=np.bool_)
    fold = contiguous_folds(len(same), folds, file=path)
    return VerificationPairs(path.stem, tuple(place_of), sides[:, 0].copy(), sides[:, 1].copy(), same, fold)


def _two_lists(value: object, path: Path) -> tuple[list[object], list[object]]:
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise DataError("it does not hold two lists, of images and of truth values", file=path, remedy=_REMEDY)
    images, truths = (_plain(part) for part in value)
    if not isinstance(images, tuple | list) or not isinstance(truths, tuple | list):
        raise DataError("it does not hold two lists, of images and of truth values", file=path, remedy=_REMEDY)
    return list(images), list(truths)


def _image(item: object, index: int, path: Path) -> bytes:
    image = _plain(item)
    if not isinstance(image, bytes):
        problem = f"image {index} is a {type(image).__name__}, not bytes"
        raise DataError(problem, file=path, record=index // 2, remedy=_REMEDY)
    if not image.startswith(_IMAGE_STARTS):
        problem = f"image {index} begins with {image[:8]!r}, so it is neither JPEG, PNG, BMP nor WebP"
        raise DataError(problem, file=path, record=index // 2, remedy=_REMEDY)
    return image


def _truth(item: object, pair: int, path: Path) -> bool:
    if not isinstance(item, int) or item not in (0, 1):
        shown = item if isinstance(item, int) else f"a {type(item).__name__}"
        raise DataError(f"the truth value is {shown}, not a bool", file=path, record=pair, remedy=_REMEDY)
    return bool(item)


def _plain(value: object) -> object:
    return value.values() if isinstance(value, PickledArray) else value
