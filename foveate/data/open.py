"""What a path holds: training images or test sets, told by their files."""

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from foveate.data.agedb import LIST as AGEDB_LIST
from foveate.data.agedb import is_agedb, read_agedb
from foveate.data.cfp import is_cfp, read_cfp
from foveate.data.cross_lfw import LISTS as CROSS_LFW_LISTS
from foveate.data.cross_lfw import is_cross_lfw, read_cross_lfw
from foveate.data.folder import ImageFolder
from foveate.data.identification_set import IdentificationSet
from foveate.data.image_list import LIST, SUFFIXES, ImageList
from foveate.data.imagenet import ImageNet, is_imagenet
from foveate.data.insightface import InsightFaceRecords
from foveate.data.labelled import LabelledImages
from foveate.data.lfw import read_lfw
from foveate.data.pairs import VerificationPairs
from foveate.data.scface import is_scface, read_scface
from foveate.data.shards import holds_shards
from foveate.data.survface import is_survface, read_survface
from foveate.data.tinyface import is_tinyface, read_tinyface
from foveate.data.verification import read_verification_bin
from foveate.data.webdataset import WebDataset
from foveate.errors import DataError

TestSet = VerificationPairs | IdentificationSet


class _Layout(NamedTuple):
    """How a public test set lies on disk."""

    title: str
    found: Callable[[Path], bool]
    """Whether a folder is laid out so."""
    read: Callable[[Path], TestSet | tuple[TestSet, ...]]
    lists: tuple[str, ...] = ()
    """Files of pairs by which the folder may be named."""
    trains: bool = False
    """Whether its images may also be trained on."""


_LAYOUTS: Final = (
    _Layout("LFW", lambda folder: (folder / "pairs.txt").is_file(), read_lfw, ("pairs.txt",), trains=True),
    _Layout("AgeDB", is_agedb, read_agedb, (AGEDB_LIST,)),
    _Layout("CFP", is_cfp, read_cfp),
    _Layout("CALFW or CPLFW", is_cross_lfw, read_cross_lfw, tuple(CROSS_LFW_LISTS.values())),
    _Layout("TinyFace", is_tinyface, read_tinyface),
    _Layout("SCface", is_scface, read_scface),
    _Layout("QMUL-SurvFace", is_survface, read_survface),
)
"""In the order in which the sets of a folder are given."""


def open_training_set(path: Path) -> LabelledImages:
    """Open training images, whatever their layout.

    Args:
        path: a folder with train.rec, a .rec file, a folder with list.txt, a .lst or .list file, a folder of tar
            shards, shards.txt or a glob pattern, ImageNet's folder, or a folder ``identity/image.jpg``.

    Raises:
        DataError: there is no such path, or it holds no training images.
    """
    if holds_shards(path) and not (path / "train.rec").is_file():
        return WebDataset(path)
    _check_exists(path)
    tests = [layout.title for layout in _LAYOUTS if not layout.trains and layout.found(path)]
    if tests and not (path / "train.rec").is_file():
        remedy = "Name it as a test set (--test), and other faces as training data (its training set, say)"
        problem = f"the folder holds {tests[0]}'s test set, which is not to be trained on"
        raise DataError(problem, file=path, remedy=remedy)
    if path.is_dir():
        return _open_folder(path)
    if path.suffix.lower() == ".rec":
        return InsightFaceRecords(path)
    if path.name == LIST or path.suffix.lower() in SUFFIXES:
        return ImageList(path)
    remedy = "Give a folder with train.rec, a .rec file, a list (list.txt, .lst), tar shards, or identity folders"
    raise DataError("the file holds no training images", file=path, remedy=remedy)


def _open_folder(path: Path) -> LabelledImages:
    if (path / "train.rec").is_file():
        return InsightFaceRecords(path)
    if (path / LIST).is_file():
        return ImageList(path)
    return ImageNet(path) if is_imagenet(path) else ImageFolder(path)


def open_test_sets(path: Path) -> tuple[TestSet, ...]:
    """Open every test set of a folder, or those of a file.

    Args:
        path: a folder with .bin files, or laid out as LFW, AgeDB, CFP, CALFW, CPLFW, TinyFace, SCface or QMUL-SurvFace
            is (docs/data.md); or one .bin file or list of pairs.

    Returns:
        The sets of .bin files in the order of their names, then the others in the order above; none if the folder
        holds none.

    Raises:
        DataError: there is no such path, or a set cannot be used.
    """
    _check_exists(path)
    if path.is_dir():
        files = sorted(file for file in path.glob("*.bin") if not file.name.startswith("."))
        laid_out = (layout for layout in _LAYOUTS if layout.found(path))
        return (*map(read_verification_bin, files), *(each for layout in laid_out for each in _read(layout, path)))
    if path.suffix.lower() == ".bin":
        return (read_verification_bin(path),)
    for layout in _LAYOUTS:
        if path.name in layout.lists:
            named = _read(layout, path.parent)
            return tuple(each for each in named if CROSS_LFW_LISTS.get(each.name, path.name) == path.name)
    remedy = "Give a .bin file, a list of pairs, or a folder that is laid out as docs/data.md says"
    raise DataError("the file holds no verification pairs", file=path, remedy=remedy)


def may_hold_tests(path: Path) -> bool:
    """Whether a path is a folder, a .bin file or a list of pairs: other files hold training images, if anything."""
    return path.is_dir() or path.suffix.lower() == ".bin" or any(path.name in layout.lists for layout in _LAYOUTS)


def is_laid_out(folder: Path) -> bool:
    """Whether a folder is laid out as LFW or another test set is, whose folders hold test images."""
    return any(layout.found(folder) for layout in _LAYOUTS)


def _read(layout: _Layout, folder: Path) -> tuple[TestSet, ...]:
    found = layout.read(folder)
    return found if isinstance(found, tuple) else (found,)


def open_all_test_sets(paths: Iterable[Path], *, must: Collection[Path] = ()) -> tuple[TestSet, ...]:
    """Open the test sets of several paths; those that ``must`` hold one are refused if they hold none.

    Raises:
        DataError: as ``open_test_sets``, or a path holds none, or two sets have the same name, under which results
            would be mixed up.
    """
    found: dict[str, TestSet] = {}
    for path in paths:
        sets = open_test_sets(path)
        if not sets and path in must:
            remedy = "Name its .bin file, make one ('foveate data pairs PATH --out held.bin'), or leave this path out"
            raise DataError("the folder holds no test set", file=path, remedy=remedy)
        for each in sets:
            if each.name in found:
                raise DataError(f"two test sets are called {each.name!r}", file=path, remedy="Rename one file")
            found[each.name] = each
    return tuple(found.values())


def _check_exists(path: Path) -> None:
    if not path.exists():
        raise DataError("there is no such file or folder", file=path, remedy="Check the path")
