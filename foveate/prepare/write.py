"""Writing training images in a layout, as they are or changed on the way.

Legend: N images.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

import numpy as np

from foveate.data.decode import decode
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.labelled import LabelledImages
from foveate.data.split import Chosen
from foveate.data.webdataset import WebDataset
from foveate.data.webdataset_writer import write_webdataset
from foveate.prepare.names import LIST, file_names, folders, suffix, write_list

Layout = Literal["folder", "rec", "webdataset"]
Change = Callable[[bytes, int], bytes]
"""Encoded bytes and position in the set -> other encoded bytes."""
Tell = Callable[[int, int], None]

_AT_ONCE: Final = 256


def silent(done: int, total: int) -> None:
    """Tell nobody."""


def unchanged(encoded: bytes, position: int) -> bytes:
    """The bytes as they are."""
    return encoded


def write_folder(images: LabelledImages, out: Path, change: Change = unchanged, tell: Tell = silent) -> None:
    """Write ``identity/image.jpg``; files that are there already are left, so that interrupted work goes on.

    Raises:
        DataError: an image cannot be read.
    """
    names = file_names(images)
    own, width = folders(images, names), len(str(len(images)))
    stems = [
        f"{number:0{width}d}" if names is None else os.path.splitext(names[number].partition("/")[2])[0]  # noqa: PTH122
        for number in range(len(images))
    ]
    if names is not None and len({*zip(images.labels.tolist(), stems, strict=True)}) < len(images):
        stems = [name.partition("/")[2] for name in names]  # a.jpg and a.png
    kept = names if change is unchanged else None  # another format has another suffix
    for folder in own:
        (out / folder).mkdir(parents=True, exist_ok=True)
    done_before = [{entry.stem: entry for entry in (out / folder).iterdir() if _is_whole(entry)} for folder in own]

    def place(number: int, encoded: bytes) -> Path:
        name = stems[number] + suffix(encoded) if kept is None else kept[number].partition("/")[2]
        return out / own[images.labels[number]] / name

    def is_done(number: int) -> bool:
        return kept is None and stems[number] in done_before[images.labels[number]]

    todo = [number for number in range(len(images)) if not is_done(number)]
    before = len(images) - len(todo)
    for count, (number, encoded) in enumerate(_in_order(images, todo, change), start=1):
        file = place(number, encoded)
        partial = file.with_name(f".{file.name}.partial")
        partial.write_bytes(encoded)
        partial.replace(file)
        tell(before + count, len(images))
    os.sync()  # once for all of them, so that the folder is complete when it is called so


def _is_whole(file: Path) -> bool:
    """Whether an image was written; one of no bytes is what a power cut leaves."""
    return file.name[0] != "." and file.stat().st_size > 0


def write_records(images: LabelledImages, out: Path, change: Change = unchanged, tell: Tell = silent) -> None:
    """Write train.rec, train.idx and property, and train.lst where the images have names.

    Images are in ascending order of their classes, and of one class in their own order.

    Raises:
        DataError: an image cannot be read.
    """
    order = np.argsort(images.labels, kind="stable").tolist()
    side = decode(images.encoded(order[0]), file=images.path, record=images.record(order[0])).shape[0]
    _name(images, order, out)
    write_insightface(out, _rows(images, order, change, tell), len(images.classes), side)


def write_shards(images: LabelledImages, out: Path, change: Change = unchanged, tell: Tell = silent) -> None:
    """Write the shards of a WebDataset, in the set's own order, and train.lst where the images have names.

    Raises:
        DataError: an image cannot be read.
    """
    order = list(range(len(images)))
    _name(images, order, out)
    write_webdataset(out, _rows(images, order, change, tell))


def _name(images: LabelledImages, order: Sequence[int], out: Path) -> None:
    names = file_names(images)
    if names is not None:
        write_list(out / LIST, images, order, names)


def _rows(images: LabelledImages, order: Sequence[int], change: Change, tell: Tell) -> Iterator[tuple[bytes, int]]:
    for count, (number, encoded) in enumerate(_in_order(images, order, change), start=1):
        yield encoded, int(images.labels[number])
        tell(count, len(images))


WRITERS: Final[Mapping[Layout, Callable[..., None]]] = MappingProxyType(
    {"folder": write_folder, "rec": write_records, "webdataset": write_shards}
)
"""What writes each layout. A further one is a name in ``Layout`` and a line here."""


def layout_of(images: LabelledImages) -> Layout:
    """The layout a set is in."""
    source = images.source if isinstance(images, Chosen) else images
    kinds: dict[type[LabelledImages], Layout] = {InsightFaceRecords: "rec", WebDataset: "webdataset"}
    return kinds.get(type(source), "folder")


def _in_order(images: LabelledImages, numbers: Sequence[int], change: Change) -> Iterator[tuple[int, bytes]]:
    """Images read and changed on all cores, in the order asked for."""

    def one(number: int) -> bytes:
        return change(images.encoded(number), number)

    with ThreadPoolExecutor(os.cpu_count()) as workers:
        for start in range(0, len(numbers), _AT_ONCE):
            part = numbers[start : start + _AT_ONCE]
            yield from zip(part, workers.map(one, part), strict=True)
