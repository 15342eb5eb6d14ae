"""Writing RecordIO, byte for byte as MXNet does (format of the DMLC project)."""

from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, final

from foveate.data.recordio import FIRST, LAST, MAGIC, MAGIC_BYTES, MAX_LENGTH, MIDDLE, PART, WHOLE
from foveate.errors import DataError
from foveate.files import replacing

_PADDING: Final = (b"", b"\0\0\0", b"\0\0", b"\0")


@final
class RecordWriter:
    """A context manager that writes records; the two files appear under their names when the block ends well.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> from foveate.data.recordio import RecordIO
        >>> with TemporaryDirectory() as folder:
        ...     rec, idx = Path(folder, "a.rec"), Path(folder, "a.idx")
        ...     with RecordWriter(rec, idx) as writer:
        ...         writer.write(7, b"seven")
        ...     RecordIO(rec, idx).read(7)
        b'seven'
    """

    _files: AbstractContextManager[tuple[BinaryIO, ...]]
    _rec_file: BinaryIO
    _idx_file: BinaryIO

    def __init__(self, rec: Path, idx: Path) -> None:
        self.rec, self.idx = rec, idx
        self._keys: set[int] = set()
        self._offset = 0

    def __enter__(self) -> "RecordWriter":
        self._files = replacing(self.rec, self.idx)
        self._rec_file, self._idx_file = self._files.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._files.__exit__(kind, error, traceback)

    def write(self, key: int, payload: bytes) -> None:
        """Append one record and its line of the index.

        Args:
            key: how readers will ask for the record; each key once.
            payload: fewer than 2**29 bytes.

        Raises:
            DataError: the key was used before, or the payload is too long.
        """
        if key in self._keys:
            raise DataError("the key was written before", file=self.rec, record=key, remedy="Give each record its key")
        if len(payload) > MAX_LENGTH:
            problem = f"the record has {len(payload):,} bytes, the format allows {MAX_LENGTH:,}"
            raise DataError(problem, file=self.rec, record=key, remedy="Store smaller images")
        self._keys.add(key)
        self._idx_file.write(f"{key}\t{self._offset}\n".encode())
        start, kind = 0, WHOLE
        for cut in _aligned_magics(payload):
            self._write_part(FIRST if kind == WHOLE else MIDDLE, payload[start:cut])
            start, kind = cut + len(MAGIC_BYTES), LAST
        self._write_part(kind, payload[start:])

    def _write_part(self, kind: int, part: bytes) -> None:
        data = PART.pack(MAGIC, kind << 29 | len(part)) + part + _PADDING[len(part) % 4]
        self._rec_file.write(data)
        self._offset += len(data)


def _aligned_magics(payload: bytes) -> list[int]:
    """Where the payload holds the magic number at a multiple of 4 bytes."""
    places: list[int] = []
    place = payload.find(MAGIC_BYTES)
    while place >= 0:
        if place % 4 == 0:
            places.append(place)
        place = payload.find(MAGIC_BYTES, place + 1)
    return places
