"""Variables of a MATLAB file (version 5 to 7, before HDF5), never more of them than a list may hold.

A .mat file is a header and elements; an element may be packed with zlib, and a small one can grow without bounds when
it is unpacked; it may also claim more than the file has, or hold what it should not. So elements are unpacked here, up
to a limit, and their layout is checked (``foveate.data.matlab_layout``), before scipy reads them. What they hold is
data; nothing of it is run.
"""

import io
import struct
import warnings
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from scipy.io import loadmat

from foveate.data.matlab_layout import check_layout
from foveate.errors import DataError

MAX_BYTES: Final = 64 * 2**20
"""Of a file, and of all that is packed in it: about twenty times the longest list of a public face set."""

_HEADER: Final = 128
_PACKED: Final = 15  # miCOMPRESSED
_HDF5: Final = b"\x89HDF\r\n\x1a\n"
_REMEDY: Final = "Get the file from its source again"


def read_matlab(path: Path, names: Sequence[str], *, max_bytes: int = MAX_BYTES) -> dict[str, np.ndarray]:
    """Read some variables of a .mat file.

    Args:
        path: the file.
        names: of the variables.
        max_bytes: largest size, packed and unpacked.

    Returns:
        An array for each name; a cell array is an array of objects.

    Raises:
        DataError: the file is missing, too large, damaged or of MATLAB's newer format, or lacks a variable.
    """
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        remedy = "Put the file there; it comes with the images"
        raise DataError(f"cannot be opened ({error.strerror})", file=path, remedy=remedy) from error
    if len(data) > max_bytes:
        raise DataError(f"it holds more than {max_bytes:,} bytes, too many for a list", file=path, remedy=_REMEDY)
    if data.startswith(b"MATLAB 7.3") or _HDF5 in data[: 5 * _HEADER]:
        raise DataError("it is of MATLAB's format 7.3", file=path, remedy="Save it anew in MATLAB with '-v7'")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            whole, tag = _unpacked(data, max_bytes)
            check_layout(whole[_HEADER:], tag)
            found = loadmat(io.BytesIO(whole), variable_names=list(names))
    except _TooLargeError:
        problem = f"unpacked it holds more than {max_bytes:,} bytes, too many for a list"
        raise DataError(problem, file=path, remedy=_REMEDY) from None
    except MemoryError:
        raise
    except Exception as error:  # the reader fails in as many ways as there are damaged files
        raise DataError(f"it is no MATLAB file, or a damaged one ({error})", file=path, remedy=_REMEDY) from error
    for name in names:
        if not isinstance(found.get(name), np.ndarray):
            raise DataError(f"it holds no variable {name!r}", file=path, remedy=_REMEDY)
    return {name: found[name] for name in names}


def plain_cells(cells: np.ndarray) -> Sequence[object]:
    """What the cells of a cell array hold, row by row: most are arrays of one element."""
    return [cell.item() if isinstance(cell, np.ndarray) and cell.size == 1 else cell for cell in cells.ravel().tolist()]


class _TooLargeError(Exception):
    """More bytes come out than allowed."""


def _unpacked(data: bytes, most: int) -> tuple[bytes, struct.Struct]:
    """The same file with no element packed, and how its tags are written."""
    tag = struct.Struct("<II" if data[_HEADER - 2 : _HEADER] == b"IM" else ">II")
    parts, place, left = [data[:_HEADER]], _HEADER, most
    while place < len(data):
        kind, size = tag.unpack_from(data, place)
        start = place if kind != _PACKED else place + tag.size
        place += tag.size + size
        if place > len(data):
            raise ValueError("it is cut short")
        part = data[start:place]
        if kind == _PACKED:
            inflater = zlib.decompressobj()
            part = inflater.decompress(part, left + 1)
        left -= len(part)
        if left < 0:
            raise _TooLargeError
        parts.append(part)
    return b"".join(parts), tag
