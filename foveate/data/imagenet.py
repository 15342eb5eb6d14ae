"""ImageNet's folders (Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015).

Legend: N images.

``train/<wnid>/*.JPEG``, and ``val/<wnid>/*.JPEG`` or ``val/*.JPEG`` with the ground truth of the development kit: line
i of ``ILSVRC2012_validation_ground_truth.txt`` has the number of the class that the i-th photo by name shows, and
``map_clsloc.txt`` (``wnid number name``) or ``meta.mat`` say which class that is. These numbers are not the class
indices that networks are trained with: those are the places of the sorted WordNet ids (wnid).
"""

import re
from pathlib import Path
from typing import Final, Literal, final

import numpy as np

from foveate.data.file_images import FileImages
from foveate.data.image_files import ImageFiles
from foveate.data.image_names import IMAGE_SUFFIXES
from foveate.data.matlab import read_matlab
from foveate.data.text_lines import read_lines, whole_number
from foveate.errors import DataError

Split = Literal["train", "val"]

TRUTH: Final = "ILSVRC2012_validation_ground_truth.txt"
MAPS: Final = ("map_clsloc.txt", "meta.mat")
KITS: Final = ("", "ILSVRC2012_devkit_t12/data", "devkit/data")
"""Where, inside the folder, ground truth and map may lie."""

_WNID: Final = re.compile(r"n\d{8}")
_LAYOUT: Final = "Give the folder that holds 'train' and 'val' with one folder n01440764, ... for each class"


@final
class ImageNet(FileImages):
    """One split; the classes are the sorted wnids: those of ``train`` where it is there, so that both splits agree."""

    def __init__(self, path: Path, split: Split = "train") -> None:
        """List the images of a split.

        Args:
            path: the folder with ``train`` and ``val``.
            split: which of them.

        Raises:
            DataError: a folder or the ground truth is missing or empty, they contradict each other, or a class of
                ``val`` is none of ``train``.
        """
        self.path = path
        names = _in_folders(path / split) or _flat(path, split)
        known = sorted(_wnids(path / "train")) or sorted({wnid for _, wnid in names})
        numbers = {wnid: number for number, wnid in enumerate(known)}
        strange = next((name for name, wnid in names if wnid not in numbers), None)
        if strange is not None:
            remedy = "Complete the training folder, or take these images out"
            raise DataError(
                "the image is of a class that 'train' does not have", file=path, record=strange, remedy=remedy
            )
        if len(known) < 2:
            raise DataError(f"there is one class only, {known[0]}", file=path, remedy=_LAYOUT)
        self.classes = tuple(known)
        self.labels = np.array([numbers[wnid] for _, wnid in names], dtype=np.int64)
        self._files = ImageFiles(path, [name for name, _ in names])


def is_imagenet(folder: Path) -> bool:
    """Whether a folder holds ``train`` with folders that are called as classes of ImageNet are."""
    return bool(_wnids(folder / "train"))


def _wnids(folder: Path) -> list[str]:
    """Folders of classes inside a folder; none if there is no such folder."""
    return [each.name for each in folder.iterdir() if _is_class(each)] if folder.is_dir() else []


def _is_class(folder: Path) -> bool:
    return _WNID.fullmatch(folder.name) is not None and folder.is_dir()


def _is_other(path: Path) -> bool:
    return path.is_dir() and path.name[0] != "." and not _is_class(path)


def _in_folders(folder: Path) -> list[tuple[str, str]]:
    """Path and class of each image in folders of classes, sorted."""
    found = []
    there = sorted(folder.iterdir()) if folder.is_dir() else []
    other = next((each for each in there if _is_other(each)), None)
    if other is not None:
        remedy = "Take it out, or give the folder 'train' itself, if its classes are not ImageNet's"
        raise DataError("the folder is not called as a class of ImageNet is", file=other, remedy=remedy)
    for wnid in sorted(_wnids(folder)):
        images = _images(folder / wnid)
        if not images:
            raise DataError("the class has no images", file=folder / wnid, remedy="Unpack its archive into it")
        found += [(f"{folder.name}/{wnid}/{name}", wnid) for name in images]
    return found


def _flat(root: Path, split: Split) -> list[tuple[str, str]]:
    """Path and class of each image of a flat ``val``, as the ground truth says."""
    images = _images(root / split) if (root / split).is_dir() else []
    if not images:
        raise DataError(f"there are no images of the split {split!r}", file=root, remedy=_LAYOUT)
    truth, synsets = _find(root, (TRUTH,)), _find(root, MAPS)
    wnid_of = _synsets(synsets)
    lines = read_lines(truth, remedy="Get the development kit's file again")
    if len(lines) != len(images):
        problem = f"{len(lines):,} lines do not go with {len(images):,} images in {split}"
        raise DataError(problem, file=truth, remedy="Unpack the whole archive of validation images")
    found = []
    for number, (name, line) in enumerate(zip(images, lines, strict=True), start=1):
        stated = whole_number(line.strip())
        if stated not in wnid_of:
            problem = f"line {number} is {line.strip()[:20]!r}, which {synsets.name} does not number"
            raise DataError(problem, file=truth, remedy="Use ground truth and map of one development kit")
        found.append((f"{split}/{name}", wnid_of[stated]))
    return found


def _find(root: Path, names: tuple[str, ...]) -> Path:
    """The first of some files that is there."""
    for kit in KITS:
        for name in names:
            if (root / kit / name).is_file():
                return root / kit / name
    remedy = "Put it there from the development kit, or sort the images into folders of classes"
    raise DataError(f"images that are not in folders of classes need {' or '.join(names)}", file=root, remedy=remedy)


def _synsets(file: Path) -> dict[int, str]:
    """The wnid of each number."""
    if file.suffix == ".mat":
        rows = [(_only(row["WNID"]), _only(row["ILSVRC2012_ID"])) for row in _table(file)]
    else:
        lines = read_lines(file, remedy="Get the development kit's file again")
        rows = [tuple([*line.split(), "", ""][:2]) for line in lines]
    found = dict[int, str]()
    for number, (wnid, stated) in enumerate(rows, start=1):
        own = whole_number(str(stated))
        if not _WNID.fullmatch(str(wnid)) or own is None or own in found:
            given = f"{str(wnid)[:20]!r} and {str(stated)[:20]!r}"
            problem = f"it should be a wnid and a number of its own, as 'n02119789 1', not {given}"
            raise DataError(problem, file=file, record=number, remedy="Get the development kit's file again")
        found[own] = str(wnid)
    return found


def _table(file: Path) -> np.ndarray:
    table = read_matlab(file, ["synsets"])["synsets"].ravel()
    if not {"WNID", "ILSVRC2012_ID"} <= {*(table.dtype.names or ())}:
        problem = "its variable 'synsets' has no fields WNID and ILSVRC2012_ID"
        raise DataError(problem, file=file, remedy="Get the development kit's file again")
    return table


def _only(cell: object) -> object:
    """What a cell with one value holds."""
    return cell.item() if isinstance(cell, np.ndarray) and cell.size == 1 else None


def _images(folder: Path) -> list[str]:
    return sorted(
        each.name
        for each in folder.iterdir()
        if each.suffix.lower() in IMAGE_SUFFIXES and not each.name.startswith(".")
    )
