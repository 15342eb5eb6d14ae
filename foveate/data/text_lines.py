"""Lists in text files."""

from pathlib import Path

from foveate.errors import DataError


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
