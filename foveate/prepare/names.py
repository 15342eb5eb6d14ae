"""What identities and images of a training set are called as folders and files, so that their order stays.

Legend: N images.
"""

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from foveate.data.labelled import LabelledImages
from foveate.data.split import Chosen
from foveate.data.webdataset import WebDataset
from foveate.errors import DataError
from foveate.files import write_bytes

LIST: Final = "train.lst"
"""insightface's list beside train.rec, ours beside shards: "1<TAB>identity/image.jpg<TAB>class" a line, in order."""

_SUFFIXES: Final = {b"\xff\xd8\xff": ".jpg", b"\x89PNG": ".png", b"BM": ".bmp", b"RIFF": ".webp"}
_FIELDS: Final = 3


def file_names(images: LabelledImages) -> list[str] | None:
    """``identity/image.jpg`` for each image of a set whose images have names; None where they have numbers.

    A set of identity folders has names, and so have records and shards with a list of the same images beside them.
    Where one person's images lie in several folders, names of files may come twice: such a set is numbered.
    """
    if isinstance(images, Chosen):
        whole = file_names(images.source)
        return None if whole is None else [whole[place] for place in images.positions.tolist()]
    records = [images.record(number) for number in range(len(images))]
    if not isinstance(images, WebDataset) and all(record.count("/") == 1 for record in records):
        return records if _one_to_one(records, images) else None
    return _listed(images)


def folders(images: LabelledImages, names: Sequence[str] | None) -> list[str]:
    """The folder of each class: its name, or its number with zeros in front, sorted as the classes are."""
    found = list(images.classes)
    if names is not None:
        own = dict(zip(images.labels.tolist(), (name.partition("/")[0] for name in names), strict=True))
        found = [own[label] for label in range(len(images.classes))]
    if all(name.isascii() and name.isdecimal() for name in found) and names is None:
        width = max(map(len, found))
        found = [name.zfill(width) for name in found]
    if found == sorted(found) and len({*found}) == len(found) and all(map(_is_plain, found)):
        return found
    return [f"{number:0{len(str(len(found)))}d}" for number in range(len(found))]


def suffix(encoded: bytes) -> str:
    """The suffix that goes with the first bytes of an encoded image."""
    return next((name for start, name in _SUFFIXES.items() if encoded.startswith(start)), ".jpg")


def write_list(file: Path, images: LabelledImages, order: Sequence[int], names: Sequence[str]) -> None:
    """Write the names of images beside their records, in the order of the records."""
    lines = (f"1\t{names[number]}\t{images.labels[number]}\n" for number in order)
    write_bytes(file, "".join(lines).encode(errors="surrogateescape"))


def _listed(images: LabelledImages) -> list[str] | None:
    """Names as the list beside the records has them, if an identity folder of these names would be the same set."""
    file = (images.path if images.path.is_dir() else images.path.parent) / LIST
    if not file.is_file():
        return None
    try:
        rows = [line.split("\t") for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines()]
    except OSError as error:
        remedy = "Delete the list, or copy it again"
        raise DataError(f"the list cannot be read ({error})", file=file, remedy=remedy) from error
    if len(rows) != len(images) or any(len(row) < _FIELDS for row in rows):
        return None
    names = ["/".join(row[1].split("/")[-2:]) for row in rows]
    if [row[2] for row in rows] != [str(label) for label in images.labels.tolist()]:
        return None
    parts = [tuple(name.split("/")) for name in names]
    plain = all(len(part) == 2 and all(map(_is_plain, part)) for part in parts)
    in_order = all(one < two for one, two in itertools.pairwise(parts))
    return names if plain and _one_to_one(names, images) and in_order else None


def _one_to_one(names: Sequence[str], images: LabelledImages) -> bool:
    """Whether each class has a folder of its own."""
    of_class = {*zip((name.partition("/")[0] for name in names), images.labels.tolist(), strict=True)}
    return len(of_class) == len({folder for folder, _ in of_class}) == len(images.classes)


def _is_plain(name: str) -> bool:
    """Whether a name can be that of a folder or file: not hidden, not empty, nowhere else."""
    return bool(name) and name[0] != "." and os.sep not in name and "\0" not in name and "\t" not in name
