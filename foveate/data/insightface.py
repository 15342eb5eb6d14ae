"""Training images in the RecordIO layout of insightface: train.rec, train.idx, property.

Legend: N images, R records.

Record 0, which may stand anywhere in the file, says which keys are images and which are identities.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Int64

from foveate.data.labelled import LabelledImages
from foveate.data.recordio import RecordIO, unpack_image
from foveate.errors import DataError

_HEADER_WORDS: Final = 6
_EXACT: Final = 1 << 24
"""float32 holds every whole number below this one."""


@final
class InsightFaceRecords(LabelledImages):
    """The images of a record file; its classes are the labels that occur, in ascending order.

    A file whose record 0 is no list of key ranges, or which has none, is read as a plain list of images.
    """

    def __init__(self, path: Path) -> None:
        """Open a record file and read the labels of all its images.

        Args:
            path: a folder with train.rec and train.idx, or a .rec file that has its .idx beside it.

        Raises:
            DataError: files are missing, damaged or do not fit, or the labels are no class numbers.
        """
        self.path = path
        rec = path / "train.rec" if path.is_dir() else path
        self._records = RecordIO(rec, rec.with_suffix(".idx"))
        self._keys = _image_keys(self._records)
        numbers, labels = np.unique(_class_numbers(self._records, self._keys), return_inverse=True)
        self.labels = labels.astype(np.int64)
        self.classes = tuple(str(number) for number in numbers.tolist())
        if len(self.classes) < 2:
            remedy = "Add images of other people: one identity alone teaches nothing"
            raise DataError(f"there is one identity only, class {numbers[0]}", file=rec, remedy=remedy)
        _check_property(rec.parent / "property", len(self.classes))

    def encoded(self, index: int) -> bytes:
        key = self._keys[index].item()
        payload = self._records.read(key)
        return bytes(unpack_image(payload, file=self._records.rec, record=key)[1])

    def files(self) -> Iterable[Path]:
        return (self._records.rec, *([self._records.idx] if self._records.idx else []))

    def record(self, index: int) -> str:
        return str(self._keys[index])


def _image_keys(records: RecordIO) -> Int64[np.ndarray, " N"]:
    """Keys of the image records: all of them, or those from 1 to the number that record 0 states."""
    if 0 not in records:
        return records.keys
    header, image = unpack_image(records.read(0), file=records.rec, record=0)
    if header.flag == 0 or image:
        return records.keys
    end = header.labels[0]
    if not (1 < end <= 1 << 31 and end == int(end)):
        problem = f"the images should have the keys from 1 to below {end}"
        raise DataError(problem, file=records.rec, record=0, remedy="Write the file again: its record 0 is wrong")
    keys = np.arange(1, int(end), dtype=np.int64)
    missing = np.setdiff1d(keys, records.keys)
    if missing.size:
        problem = f"record 0 announces {len(keys):,} images, but the index lacks {missing.size:,} of them"
        remedy = "Use the .idx that was written with this .rec, copied to its end"
        raise DataError(problem, file=records.idx, record=missing[0].item(), remedy=remedy)
    return keys


def _class_numbers(records: RecordIO, keys: Int64[np.ndarray, " N"]) -> Int64[np.ndarray, " N"]:
    """The label of each image: the single one, or the first of several."""
    heads = records.heads(keys, _HEADER_WORDS)
    words = heads[:, 1].copy()
    several = np.flatnonzero(heads[:, 0])
    words[several] = records.heads(keys[several], _HEADER_WORDS + 1)[:, -1]
    labels = words.view("<f4").astype(np.float64)
    wrong = np.flatnonzero(~((labels >= 0) & (labels < _EXACT) & (labels == np.floor(labels))))
    if wrong.size:
        problem = f"the label {labels[wrong[0]]} is no class number (a whole number from 0 to 2**24 - 1)"
        remedy = "Write the file again with class numbers as labels"
        raise DataError(problem, file=records.rec, record=keys[wrong[0]].item(), remedy=remedy)
    return labels.astype(np.int64)


def _check_property(file: Path, classes: int) -> None:
    """Compare with the line "classes,height,width" that insightface writes beside the records."""
    if not file.is_file():
        return
    text = file.read_text(errors="replace").strip()
    stated = text.split(",")[0]
    if not stated.isdecimal():
        remedy = "Write 'classes,height,width' into it, or remove it"
        raise DataError(f"{text[:40]!r} does not begin with the number of classes", file=file, remedy=remedy)
    if int(stated) != classes:
        problem = f"{int(stated):,} classes are stated, but the images have {classes:,}"
        remedy = "Copy the records again if they should be complete; else correct or remove this file"
        raise DataError(problem, file=file, remedy=remedy)
