"""RecordIO, the record file of MXNet, read through a memory map (format of the DMLC project).

Legend: R records, K asked for, W words of 32 bits.

A record is one part, or several: wherever a payload holds the magic number at a multiple of 4 bytes,
the writer drops it and starts a new part there, so the reader puts it back between the parts.
"""

import mmap
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any, Final, final

import numpy as np
from jaxtyping import Int64, UInt32

from foveate.errors import DataError

MAGIC: Final = 0xCED7230A
MAGIC_BYTES: Final = struct.pack("<I", MAGIC)
PART: Final = struct.Struct("<II")
"""What stands before each part: the magic, then 3 bits of kind and 29 bits of length."""
WHOLE, FIRST, MIDDLE, LAST = range(4)
MAX_LENGTH: Final = (1 << 29) - 1

_IMAGE_HEADER: Final = struct.Struct("<IfQQ")
_ROWS_AT_ONCE: Final = 1 << 18
_MISFIT: Final = "Use the .idx and .rec that were written together, both copied to their end"
_DAMAGED: Final = "Copy the .rec again from where it came from"


@dataclass(frozen=True)
class ImageHeader:
    """What stands before the image in an image record.

    Attributes:
        flag: 0 for a single label, else the number of labels.
        labels: the labels, float32 numbers.
        id, id2: two free numbers; writers put the record's key into the first.
    """

    flag: int
    labels: tuple[float, ...]
    id: int
    id2: int


@final
class RecordIO:
    """R records of a .rec file, found by their keys.

    Opening is cheap, and needs no closing; loader processes may inherit the object or get it pickled, and then
    map the file anew.

    Attributes:
        rec: the record file.
        idx: its index, or None if the records were found by scanning.
        keys: the key of each record, in the order of the index.
    """

    keys: Int64[np.ndarray, " R"]

    def __init__(self, rec: Path, idx: Path | None = None) -> None:
        """Open a record file.

        Args:
            rec: the .rec file.
            idx: the .idx file, with a line "key<TAB>byte offset" for each record. Without it the .rec is scanned
                from its beginning, and the keys are 0, 1, 2, ... in file order.

        Raises:
            DataError: a file is missing or empty, or the two do not fit.
        """
        self.rec, self.idx = rec, idx
        self._open()
        self.keys, offsets = self._scan() if idx is None else self._read_index(idx)
        order = np.argsort(self.keys, kind="stable")
        self._sorted_keys, self._sorted_offsets = self.keys[order], offsets[order]
        self._check_index()

    def __len__(self) -> int:
        return len(self.keys)

    def __contains__(self, key: object) -> bool:
        return isinstance(key, int | np.integer) and bool(np.isin(key, self._sorted_keys).item())

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "_map"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        size = self._size
        self._open()
        if self._size != size:
            problem = f"the file had {size:,} bytes when it was first opened and has {self._size:,} now"
            raise DataError(problem, file=self.rec, remedy="Start again, and leave the file as it is meanwhile")

    def read(self, key: int) -> bytes:
        """The payload of one record, its parts joined.

        Raises:
            DataError: there is no such key, or the record is damaged.
        """
        offset = self._offsets_of(np.array([key]))[0].item()
        if self._map[offset : offset + 4] != MAGIC_BYTES:
            raise self._misfit(f"no record starts at byte {offset}, where the index says", key)
        kind, start, end = self._part(offset, key)
        if kind not in (WHOLE, FIRST):
            raise self._misfit(f"byte {offset} lies inside a record of several parts", key)
        parts = [self._map[start:end]]
        while kind not in (WHOLE, LAST):
            offset = _aligned(end)
            kind, start, end = self._part(offset, key)
            if kind not in (MIDDLE, LAST):
                raise self._damaged(f"the part at byte {offset} is of kind {kind}, not 2 or 3", key)
            parts.append(self._map[start:end])
        return MAGIC_BYTES.join(parts)

    def heads(self, keys: Int64[np.ndarray, " K"], words: int) -> UInt32[np.ndarray, "K W"]:
        """The first words of many payloads at once, as little-endian numbers of 32 bits.

        Args:
            keys: whose payloads to look into.
            words: how many words of each.

        Raises:
            DataError: a key is unknown, or its record is damaged or shorter.
        """
        chunks = range(0, len(keys), _ROWS_AT_ONCE)
        tables = [self._some_heads(keys[start : start + _ROWS_AT_ONCE], words) for start in chunks]
        return np.concatenate(tables) if tables else np.empty((0, words), np.uint32)

    def _some_heads(self, keys: Int64[np.ndarray, " K"], words: int) -> UInt32[np.ndarray, "K W"]:
        offsets = self._offsets_of(keys)
        view = np.frombuffer(self._map, "<u4", count=self._size // 4)
        table = view[np.minimum(offsets[:, None] // 4 + np.arange(2 + words), len(view) - 1)]
        kind, length = table[:, 1] >> 29, (table[:, 1] & MAX_LENGTH).astype(np.int64)
        inside = (length >= 4 * words) & (offsets + PART.size + length <= self._size)
        plain = (table[:, 0] == MAGIC) & (kind <= FIRST) & inside
        heads = table[:, 2:]
        for row in np.flatnonzero(~plain).tolist():  # a split head; or damage, which reading reports
            payload = self.read(keys[row].item())
            if len(payload) < 4 * words:
                raise self._damaged(f"the record has {len(payload)} bytes, fewer than its header", keys[row].item())
            heads[row] = np.frombuffer(payload, "<u4", count=words)
        return heads

    def _open(self) -> None:
        try:
            with self.rec.open("rb") as file:
                self._size = file.seek(0, 2)
                if self._size == 0:
                    raise DataError("the file is empty", file=self.rec, remedy=_DAMAGED)
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            remedy = "Give the path of a .rec file that can be read"
            raise DataError(f"cannot be opened ({error.strerror})", file=self.rec, remedy=remedy) from error

    def _part(self, offset: int, key: int) -> tuple[int, int, int]:
        """Kind, start and end of the part at a byte offset."""
        start = offset + PART.size
        if start > self._size:
            raise self._damaged(f"the file ends at byte {self._size}, inside the part header at byte {offset}", key)
        magic, word = PART.unpack_from(self._map, offset)
        if magic != MAGIC:
            raise self._damaged(f"the part at byte {offset} starts with {magic:#010x}, not {MAGIC:#010x}", key)
        end = start + (word & MAX_LENGTH)
        if end > self._size:
            raise self._damaged(
                f"the part at byte {offset} should end at byte {end}, the file at {self._size} already", key
            )
        return word >> 29, start, end

    def _scan(self) -> tuple[Int64[np.ndarray, " R"], Int64[np.ndarray, " R"]]:
        offsets: list[int] = []
        offset, kind = 0, WHOLE
        while offset < self._size:
            starts = kind in (WHOLE, LAST)
            if starts:
                offsets.append(offset)
            kind, _, end = self._part(offset, len(offsets) - 1)
            if kind not in ((WHOLE, FIRST) if starts else (MIDDLE, LAST)):
                raise self._damaged(f"the part at byte {offset} is of kind {kind}, out of order", len(offsets) - 1)
            offset = _aligned(end)
        if kind in (FIRST, MIDDLE):
            raise self._damaged("the file ends between two parts of a record", len(offsets) - 1)
        return np.arange(len(offsets), dtype=np.int64), np.array(offsets, dtype=np.int64)

    def _read_index(self, idx: Path) -> tuple[Int64[np.ndarray, " R"], Int64[np.ndarray, " R"]]:
        try:
            if not idx.read_bytes().strip():
                raise DataError("the index is empty", file=idx, remedy=_MISFIT)
            table = np.loadtxt(idx, dtype=np.int64, ndmin=2, comments=None)
        except OSError as error:
            raise DataError(f"cannot be opened ({error.strerror})", file=idx, remedy=_MISFIT) from error
        except (ValueError, OverflowError) as error:
            problem = f"a line is not 'key<TAB>byte offset' ({str(error).rstrip('.')})"
            raise DataError(problem, file=idx, remedy=_MISFIT) from error
        if table.shape[1] != 2:
            raise DataError(f"lines have {table.shape[1]} numbers, not 2", file=idx, remedy=_MISFIT)
        return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])

    def _check_index(self) -> None:
        keys, offsets = self._sorted_keys, self._sorted_offsets
        twice = np.flatnonzero(keys[1:] == keys[:-1])
        if twice.size:
            raise self._misfit("the key stands in the index twice", keys[twice[0]].item())
        outside = np.flatnonzero((offsets < 0) | (offsets + PART.size > self._size))
        if outside.size:
            offset = offsets[outside[0]].item()
            problem = f"offset {offset} lies outside {self.rec.name}, which has {self._size} bytes"
            raise self._misfit(problem, keys[outside[0]].item())
        odd = np.flatnonzero(offsets % 4)
        if odd.size:
            raise self._misfit(f"offset {offsets[odd[0]].item()} is not a multiple of 4", keys[odd[0]].item())

    def _offsets_of(self, keys: Int64[np.ndarray, " K"]) -> Int64[np.ndarray, " K"]:
        places = np.minimum(np.searchsorted(self._sorted_keys, keys), len(self.keys) - 1)
        unknown = np.flatnonzero(self._sorted_keys[places] != keys)
        if unknown.size:
            raise self._misfit("there is no record of this key", keys[unknown[0]].item())
        return self._sorted_offsets[places]

    def _misfit(self, problem: str, key: int) -> DataError:
        return DataError(problem, file=self.idx or self.rec, record=key, remedy=_MISFIT)

    def _damaged(self, problem: str, key: int) -> DataError:
        return DataError(problem, file=self.rec, record=key, remedy=_DAMAGED)


def unpack_image(
    payload: bytes, *, file: str | PathLike[str] | None = None, record: object | None = None
) -> tuple[ImageHeader, memoryview]:
    """Split the payload of an image record into its header and the encoded image.

    Args:
        payload: what ``RecordIO.read`` gave.
        file: where it comes from, for the message of an error.
        record: its key, for the message of an error.

    Raises:
        DataError: the payload is too short for its header.
    """
    if len(payload) < _IMAGE_HEADER.size:
        problem = f"{len(payload)} bytes are too few for the header of an image record"
        raise DataError(problem, file=file, record=record, remedy=_DAMAGED)
    flag, label, first, second = _IMAGE_HEADER.unpack_from(payload)
    start = _IMAGE_HEADER.size + 4 * flag
    if start > len(payload):
        problem = f"the header announces {flag} labels, but the record has {len(payload)} bytes"
        raise DataError(problem, file=file, record=record, remedy=_DAMAGED)
    labels = struct.unpack_from(f"<{flag}f", payload, _IMAGE_HEADER.size) if flag else (label,)
    return ImageHeader(flag, labels, first, second), memoryview(payload)[start:]


def pack_image(labels: int | float | Sequence[int | float], image: bytes, *, id: int = 0, id2: int = 0) -> bytes:  # noqa: A002
    """Join labels and an encoded image to the payload of an image record; the inverse of ``unpack_image``.

    Args:
        labels: one number (flag 0), or several, which are written behind the header (flag = how many).
        image: the encoded image; identity records have none.
        id: a free number, by habit the record's key.
        id2: another free number.
    """
    if isinstance(labels, int | float):
        return _IMAGE_HEADER.pack(0, labels, id, id2) + image
    return _IMAGE_HEADER.pack(len(labels), 0.0, id, id2) + struct.pack(f"<{len(labels)}f", *labels) + image


def _aligned(offset: int) -> int:
    return offset + 3 & ~3
