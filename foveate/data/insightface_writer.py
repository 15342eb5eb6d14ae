"""Writing training images in the RecordIO layout of insightface."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import pack_image
from foveate.errors import DataError
from foveate.files import replacing

_EXACT: Final = 1 << 24
"""float32 holds every whole number below this one, and the format keeps keys and classes as float32."""


def write_insightface(folder: Path, images: Iterable[tuple[bytes, int]], classes: int, size: int = 112) -> None:
    """Write train.rec, train.idx and property.

    The order is that of insightface's builder: images from key 1 on, then one record for each identity with the
    range of its keys, then record 0, which says where both end.

    Args:
        folder: where to write; made if missing.
        images: encoded image and class number of each image, in ascending order of the class numbers.
        classes: how many classes there are; each from 0 to ``classes - 1`` needs an image.
        size: height and width of the images in pixels, as noted in ``property``.

    Raises:
        DataError: class numbers out of order, absent or too large for the format.
    """
    rec = folder / "train.rec"
    with RecordWriter(rec, folder / "train.idx") as writer:
        key, starts = 1, list[int]()
        for image, label in images:
            if label == len(starts):
                starts.append(key)
            _check_label(label, len(starts), rec, key)
            if key + 1 + classes >= _EXACT:  # where the identities' records will end
                remedy = "Write it as shards (--to webdataset) or as folders, which have no such limit"
                raise DataError("the format numbers fewer than 2**24 images and classes", file=rec, remedy=remedy)
            writer.write(key, pack_image(float(label), image, id=key))
            key += 1
        if len(starts) != classes:
            problem = f"{key - 1:,} images of {len(starts):,} classes came, of {classes:,} announced"
            raise DataError(problem, file=rec, remedy="Give each class its images")
        ends = [*starts[1:], key]
        for label in range(classes):
            identity = key + label
            writer.write(identity, pack_image((starts[label], ends[label]), b"", id=identity))
        writer.write(0, pack_image((key, key + classes), b""))
    with replacing(folder / "property") as (file,):
        file.write(f"{classes},{size},{size}".encode())


def _check_label(label: int, seen: int, rec: Path, key: int) -> None:
    if label != seen - 1:
        problem = f"an image of class {label} came after one of class {seen - 1}"
        remedy = "Sort the images by class, and number the classes 0, 1, 2, ... without a gap"
        raise DataError(problem, file=rec, record=key, remedy=remedy)
