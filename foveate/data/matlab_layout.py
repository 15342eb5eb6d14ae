"""Whether the elements of a MATLAB file (version 5 to 7, nothing packed) are laid out as the format says.

scipy trusts a file: for a matrix that claims more than there is it takes memory, and where an element of another kind
stands than should, the process may crash. So the layout is checked first. ("MAT-File Format", The MathWorks.)
"""

import math
import struct
from typing import Final, NamedTuple

import numpy as np

_MATRIX: Final = 14
_WORDS: Final = (5, 6)
"""miINT32 and miUINT32, of which flags and shapes are."""
_BYTES: Final = (1, 2, 16)
"""miINT8, miUINT8 and miUTF8, of which names are."""
_BEGINNING: Final = (_WORDS, _WORDS, _BYTES)
_NUMBERS: Final = (1, 2, 3, 4, 5, 6, 7, 9, 12, 13)
_LETTERS: Final = (1, 2, 4, 16, 17, 18)
_CELLS, _STRUCTURE, _CHARACTERS, _NUMERIC = 1, 2, 4, range(6, 16)
"""Classes of matrices. Others (objects, functions, sparse ones) are in no list of faces."""
_COMPLEX: Final = 1 << 11
_LONGEST_NAME: Final = 64
_DEEPEST: Final = 8


class _Element(NamedTuple):
    kind: int
    content: memoryview


def check_layout(data: bytes, tag: struct.Struct) -> None:
    """Check every matrix, and those in it.

    Args:
        data: the elements of the file, without its header.
        tag: how kind and size of an element are written.

    Raises:
        ValueError: an element claims more bytes than follow, a matrix more entries than the file has bytes, or it holds
            other elements than its class has.
        struct.error: the file ends within a tag.
    """
    for kind, content in _elements(memoryview(data), tag):
        if kind != _MATRIX:
            raise ValueError(f"an element of kind {kind} stands where a matrix should")
        _check_matrix(content, tag, len(data))


def _elements(data: memoryview, tag: struct.Struct) -> list[_Element]:
    found, place = [], 0
    while place < len(data):
        kind, size = tag.unpack_from(data, place)
        start = place + tag.size
        if kind >> 16:  # a small element: its size stands beside its kind, its content in place of the size
            kind, size, start = kind & 0xFFFF, kind >> 16, place + tag.size // 2
        if start + size > len(data) or (start < place + tag.size and size > tag.size // 2):
            raise ValueError(f"an element claims {size:,} bytes, more than there are")
        found.append(_Element(kind, data[start : start + size]))
        place = max(start + size, place + tag.size)
        place += -place % tag.size
    return found


def _check_matrix(data: memoryview, tag: struct.Struct, most: int, depth: int = 0) -> None:
    """Flags, shape and name; then what the class has."""
    if depth > _DEEPEST:
        raise ValueError("its arrays stand in each other too deep")
    if not len(data):  # an empty cell
        return
    parts = _elements(data, tag)
    kinds = [part.kind for part in parts[:3]]
    begins = len(kinds) == 3 and all(kind in allowed for kind, allowed in zip(kinds, _BEGINNING, strict=True))
    if not begins or len(parts[0].content) != 8 or len(parts[1].content) % 4:
        raise ValueError("a matrix does not begin with flags, shape and name")
    (flags, shape, _), rest = parts[:3], parts[3:]
    sides = np.frombuffer(shape.content, dtype=f"{tag.format[0]}i4").tolist()
    if math.prod(sides) > most or min(sides, default=0) < 0:
        raise ValueError(f"an array claims the shape {sides}, more than the file can hold")
    (bits,) = struct.unpack_from(f"{tag.format[0]}I", flags.content)
    kind, count = bits & 0xFF, math.prod(sides)
    if kind == _STRUCTURE:
        count, rest = count * _fields(rest[:2], tag), rest[2:]
    if kind in (_CELLS, _STRUCTURE):
        right = len(rest) == count and all(part.kind == _MATRIX for part in rest)
    elif kind == _CHARACTERS:
        right = len(rest) == 1 and all(part.kind in _LETTERS for part in rest)
    else:
        right = len(rest) == (2 if bits & _COMPLEX else 1) and all(part.kind in _NUMBERS for part in rest)
        right = right and kind in _NUMERIC
    if not right:
        raise ValueError(f"a matrix of class {kind} holds other elements than it should")
    for part in rest if kind in (_CELLS, _STRUCTURE) else ():
        _check_matrix(part.content, tag, most, depth + 1)


def _fields(parts: list[_Element], tag: struct.Struct) -> int:
    """How many fields a structure has, by the length of a name and all names."""
    if len(parts) != 2 or parts[0].kind not in _WORDS or len(parts[0].content) != 4 or parts[1].kind not in _BYTES:
        raise ValueError("a structure does not name its fields")
    (length,) = struct.unpack(f"{tag.format[0]}i", parts[0].content)
    if not 1 <= length <= _LONGEST_NAME or len(parts[1].content) % length:
        raise ValueError(f"a structure claims names of {length} bytes in {len(parts[1].content)}")
    return len(parts[1].content) // length
