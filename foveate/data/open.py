"""What a path holds: training images or test sets, told by their files."""

from collections.abc import Iterable
from pathlib import Path

from foveate.data.folder import ImageFolder
from foveate.data.identification_set import IdentificationSet
from foveate.data.insightface import InsightFaceRecords
from foveate.data.labelled import LabelledImages
from foveate.data.lfw import read_lfw
from foveate.data.pairs import VerificationPairs
from foveate.data.tinyface import is_tinyface, read_tinyface
from foveate.data.verification import read_verification_bin
from foveate.errors import DataError

TestSet = VerificationPairs | IdentificationSet


def open_training_set(path: Path) -> LabelledImages:
    """Open training images, whatever their layout.

    Args:
        path: a folder with train.rec, a .rec file, or a folder ``identity/image.jpg``.

    Raises:
        DataError: there is no such path, or it holds no training images.
    """
    _check_exists(path)
    if is_tinyface(path) and not (path / "train.rec").is_file():
        remedy = "Name it as a test set (--test), and other faces as training data (its Training_Set, say)"
        raise DataError("the folder holds TinyFace's test set, which is not to be trained on", file=path, remedy=remedy)
    if path.is_dir():
        return InsightFaceRecords(path) if (path / "train.rec").is_file() else ImageFolder(path)
    if path.suffix.lower() == ".rec":
        return InsightFaceRecords(path)
    remedy = "Give a folder with train.rec, a .rec file, or a folder of identity folders"
    raise DataError("the file holds no training images", file=path, remedy=remedy)


def open_test_sets(path: Path) -> tuple[TestSet, ...]:
    """Open every test set of a folder, or the one of a file.

    Args:
        path: a folder with .bin files, with LFW's pairs.txt, with TinyFace, or with several of them; or one such file.

    Returns:
        The sets in the order of their file names, then LFW, then TinyFace; none if the folder holds none.

    Raises:
        DataError: there is no such path, or a set cannot be used.
    """
    _check_exists(path)
    if path.is_dir():
        files = sorted(file for file in path.glob("*.bin") if not file.name.startswith("."))
        sets: list[TestSet] = [read_verification_bin(file) for file in files]
        sets += [read_lfw(path)] if (path / "pairs.txt").is_file() else []
        sets += [read_tinyface(path)] if is_tinyface(path) else []
        return tuple(sets)
    if path.suffix.lower() == ".bin":
        return (read_verification_bin(path),)
    if path.name == "pairs.txt":
        return (read_lfw(path.parent),)
    remedy = "Give a .bin file, pairs.txt, or a folder with these or with TinyFace"
    raise DataError("the file holds no verification pairs", file=path, remedy=remedy)


def open_all_test_sets(paths: Iterable[Path]) -> tuple[TestSet, ...]:
    """Open the test sets of several paths.

    Raises:
        DataError: as ``open_test_sets``, or two sets have the same name, under which results would be mixed up.
    """
    found: dict[str, TestSet] = {}
    for path in paths:
        for each in open_test_sets(path):
            if each.name in found:
                raise DataError(f"two test sets are called {each.name!r}", file=path, remedy="Rename one file")
            found[each.name] = each
    return tuple(found.values())


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise DataError("there is no such file or folder", file=path, remedy="Check the path")
