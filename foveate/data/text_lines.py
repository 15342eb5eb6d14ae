"""Lists in text files, numbers and names in them."""

import re
from pathlib import Path
from typing import Final

from foveate.errors import DataError

_DRIVE: Final = re.compile(r"[A-Za-z]:")
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}")


def read_lines(file: Path, *, remedy: str) -> list[str]:
    """The lines of a list, without empty ones at its end.

    Raises:
        DataError: the file is missing, is no text, or holds nothing.
    """
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"the list cannot be read ({error})", file=file, remedy=remedy) from error
    while lines and not lines[-1].strip():
        lines.pop()
    if not lines:
        raise DataError("the list is empty", file=file, remedy=remedy)
    return lines


def whole_number(text: str) -> int | None:
    """The whole number that a text is, of nine digits at most; None if it is anything else."""
    return int(text) if _NUMBER.fullmatch(text) else None


def stays_inside(name: str) -> bool:
    """Whether a name from a list or an archive, taken as a path inside a folder, cannot lead out of it."""
    parts = name.replace("\\", "/").split("/")
    return bool(name) and "\0" not in name and parts[0] != "" and ".." not in parts and not _DRIVE.match(name)
