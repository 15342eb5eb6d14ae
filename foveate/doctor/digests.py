"""SHA-256 of the files of a set, in a form that stays small: one digest for each file, and one for each folder."""

import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from foveate.data.shard_index import INDEX
from foveate.errors import DataError

NAME: Final = "manifest.json"

Tell = Callable[[int, int], None]


def digests(folder: Path, tell: Tell | None = None) -> dict[str, str]:
    """The digest of each entry of a folder.

    A folder inside (an identity) has one digest, over the sorted names and digests of all files below it; its key ends
    with a slash. Hidden files, manifests and the indices that are kept beside shards are left out.

    Args:
        folder: of the set.
        tell: is told how many entries of how many are read.

    Raises:
        DataError: a file cannot be read.
    """
    entries = _entries(folder)
    found: dict[str, str] = {}
    for done, path in enumerate(entries, start=1):
        found[path.name + "/" * path.is_dir()] = _tree(path) if path.is_dir() else digest(path)
        if tell is not None:
            tell(done, len(entries))
    return found


def digest(file: Path) -> str:
    """SHA-256 of a file's content, in hexadecimal digits.

    Raises:
        DataError: it cannot be read.
    """
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"cannot be read ({error.strerror})", file=file, remedy="Make it readable") from error


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if not path.name.endswith(NAME) and is_content(path.name))
    except OSError as error:
        remedy = "Give a folder that can be read"
        raise DataError(f"the folder cannot be listed ({error.strerror})", file=folder, remedy=remedy) from error


def _tree(folder: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(_files(folder)):
        line = f"{digest(path)} {path.relative_to(folder).as_posix()}\n"
        total.update(line.encode(errors="surrogateescape"))
    return total.hexdigest()


def _files(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name[0] != "."]
        yield from (Path(root, name) for name in names if is_content(name))


def is_content(name: str) -> bool:
    """Whether a file belongs to the set: an index of a shard is made anew whenever the shard's time is another one."""
    return name[0] != "." and not name.endswith(INDEX)
