"""What one shard of a WebDataset holds: where each image lies, and its label.

Legend: N images.

Files that share a key, the name up to its first point, are one sample: ``000123.jpg`` with its label in ``000123.cls``
(a whole number or a name) or in ``000123.json`` (under ``label``, ``cls`` or ``class``). Other files are passed over.
Reading the headers of a large archive takes long, so the index of one with many files is kept beside it.
"""

import json
import zipfile
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, final

import numpy as np
from jaxtyping import Int64, Shaped

from foveate.data.tar_members import Member, tar_members
from foveate.data.text_lines import whole_number
from foveate.errors import DataError
from foveate.files import write_arrays

IMAGES: Final = ("jpg", "jpeg", "png", "bmp", "webp")
LABELS: Final = ("cls", "json")
FIELDS: Final = ("label", "cls", "class")

INDEX: Final = ".tar.index.npz"
"""What the name of a shard's index ends with."""

KEPT_FROM: Final = 1000
"""An archive with so many images gets its index kept beside it."""

_MOST_LABEL_BYTES: Final = 1 << 20
_MOST_NAME: Final = 200
_REMEDY: Final = "Write each sample as key.jpg with key.cls or key.json"


@final
@dataclass(frozen=True)
class ShardIndex:
    """Attributes:
    keys: name of each sample, in UTF-8.
    offsets, sizes: where each image lies in the archive, in bytes.
    stated: label of each sample as the archive has it.
    """

    keys: Shaped[np.ndarray, " N"]
    offsets: Int64[np.ndarray, " N"]
    sizes: Int64[np.ndarray, " N"]
    stated: Shaped[np.ndarray, " N"]


def read_shard_index(shard: Path) -> ShardIndex:
    """The index of a shard: the one that is kept beside it, if it fits the shard's size and time, or a new one.

    Args:
        shard: the tar file.

    Raises:
        DataError: as ``tar_members``; or an image has no label, a label no image, or a sample two of either.
    """
    try:
        stat = shard.stat()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", file=shard, remedy="Put the shard there") from error
    stamp = np.array([stat.st_size, stat.st_mtime_ns], dtype=np.int64)
    beside = index_file(shard)
    kept = _kept(beside, stamp)
    if kept is not None:
        return kept
    made = _made(shard)
    if len(made.keys) >= KEPT_FROM:
        with suppress(OSError):  # a disk that can only be read
            write_arrays(beside, {"stamp": stamp, **asdict(made)})
    return made


def index_file(shard: Path) -> Path:
    """Where the index of a shard is kept."""
    return shard.with_name(shard.name.removesuffix(".tar") + INDEX)


def _kept(file: Path, stamp: np.ndarray) -> ShardIndex | None:
    """A kept index, unless there is none, it is damaged, or the shard is another one by now."""
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            if not np.array_equal(arrays["stamp"], stamp):
                return None
            index = ShardIndex(**{name: arrays[name] for name in ("keys", "offsets", "sizes", "stated")})
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error):
        return None
    return index if len({len(index.keys), len(index.offsets), len(index.sizes), len(index.stated)}) == 1 else None


def _made(shard: Path) -> ShardIndex:
    images, labels = dict[str, Member](), dict[str, str]()
    chosen = dict[str, str]()
    with shard.open("rb") as file:
        for member in tar_members(shard):
            folder, slash, name = member.name.rpartition("/")
            stem, _, extension = name.partition(".")
            key, extension = f"{folder}{slash}{stem}", extension.lower()
            if extension in IMAGES:
                _refuse_second(key in images, "two images", key, shard)
                images[key] = member
            elif extension in LABELS and not (extension == "json" and chosen.get(key) == "cls"):
                label = _label(file, member, extension, shard)
                if label is not None:
                    _refuse_second(chosen.get(key) == extension, "two labels", key, shard)
                    labels[key], chosen[key] = label, extension
    lone = next(iter(images.keys() ^ labels.keys()), None)
    if lone is not None:
        problem = f"the sample has no {'label' if lone in images else 'image'}"
        raise DataError(problem, file=shard, record=lone, remedy=_REMEDY)
    return ShardIndex(
        np.array([key.encode(errors="surrogateescape") for key in images], dtype=np.bytes_),
        np.array([member.offset for member in images.values()], dtype=np.int64),
        np.array([member.size for member in images.values()], dtype=np.int64),
        np.array([labels[key] for key in images], dtype=np.str_),
    )


def _refuse_second(seen: bool, what: str, key: str, shard: Path) -> None:
    if seen:
        raise DataError(f"the sample has {what}", file=shard, record=key, remedy=_REMEDY)


def _label(file: BinaryIO, member: Member, extension: str, shard: Path) -> str | None:
    """A label as text, whole numbers without leading zeros; None where JSON tells of other things."""
    file.seek(member.offset)
    content = file.read(min(member.size, _MOST_LABEL_BYTES))
    try:
        value: Any = content.decode() if extension == "cls" else json.loads(content)
        if isinstance(value, dict):
            if not any(name in value for name in FIELDS):
                return None
            value = next(value[name] for name in FIELDS if name in value)
        elif extension == "json":
            value = None
    except (ValueError, RecursionError):  # text that is no UTF-8, or no JSON
        value = None
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    number = whole_number(text)
    if not text or len(text) > _MOST_NAME or (number is None and text.isdecimal()) or text.startswith("-"):
        problem = f"it holds no label, which is a whole number or a name (in JSON under {', '.join(FIELDS)})"
        raise DataError(problem, file=shard, record=member.name, remedy=_REMEDY)
    return text if number is None else str(number)
