"""What a path holds: training images or verification sets, told by their files."""

from collections.abc import Iterable
from pathlib import Path

from foveate.data.folder import ImageFolder
from foveate.data.insightface import InsightFaceRecords
from foveate.data.labelled import LabelledImages
from foveate.data.lfw import read_lfw
from foveate.data.pairs import VerificationPairs
from foveate.data.verification import read_verification_bin
from foveate.errors import DataError


def open_training_set(path: Path) -> LabelledImages:
    """Open training images, whatever their layout.

    Args:
        path: a folder with train.rec, a .rec file, or a folder ``identity/image.jpg``.

    Raises:
        DataError: there is no such path, or it holds no training images.
    """
    _check_exists(path)
    if path.is_dir():
        return InsightFaceRecords(path) if (path / "train.rec").is_file() else ImageFolder(path)
    if path.suffix.lower() == ".rec":
        return InsightFaceRecords(path)
    remedy = "Give a folder with train.rec, a .rec file, or a folder of identity folders"
    raise DataError("the file holds no training images", file=path, remedy=remedy)


def open_verification_sets(path: Path) -> tuple[VerificationPairs, ...]:
    """Open every verification set of a folder, or the one of a file.

    Args:
        path: a folder with .bin files, with LFW's pairs.txt, or with both; or one such file.

    Returns:
        The sets in the order of their file names, LFW last; none if the folder holds none.

    Raises:
        DataError: there is no such path, or a set cannot be used.
    """
    _check_exists(path)
    if path.is_dir():
        files = sorted(file for file in path.glob("*.bin") if not file.name.startswith("."))
        sets = tuple(read_verification_bin(file) for file in files)
        return (*sets, read_lfw(path)) if (path / "pairs.txt").is_file() else sets
    if path.suffix.lower() == ".bin":
        return (read_verification_bin(path),)
    if path.name == "pairs.txt":
        return (read_lfw(path.parent),)
    raise DataError("the file holds no verification pairs", file=path, remedy="Give a .bin file, pairs.txt or a folder")


def open_all_verification_sets(paths: Iterable[Path]) -> tuple[VerificationPairs, ...]:
    """Open the verification sets of several paths.

    Raises:
        DataError: as ``open_verification_sets``, or two sets have the same name, under which results would be mixed up.
    """
    found: dict[str, VerificationPairs] = {}
    for path in paths:
        for pairs in open_verification_sets(path):
            if pairs.name in found:
                raise DataError(f"two verification sets are called {pairs.name!r}", file=path, remedy="Rename one file")
            found[pairs.name] = pairs
    return tuple(found.values())


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise DataError("there is no such file or folder", file=path, remedy="Check the path")
