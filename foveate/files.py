"""Writing files so that a reader never sees half of one: write beside the target, fsync, rename."""

import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, Final

import numpy as np

_LONG: Final = 200
"""Bytes of a file's name to which more may still be added: file systems take 255."""


@contextmanager
def replacing(*targets: Path) -> Iterator[tuple[BinaryIO, ...]]:
    """Open files that take the places of their targets together, once the block has ended without an error.

    Args:
        targets: the files to write; missing parent folders are made.

    Yields:
        One open binary file for each target, under a hidden temporary name in the same folder.
    """
    temporary = [target.with_name(f".{_short(target.name)}.{os.getpid()}.partial") for target in targets]
    for path in temporary:
        path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with ExitStack() as stack:
            files = tuple(stack.enter_context(path.open("wb")) for path in temporary)
            yield files
            for file in files:
                file.flush()
                os.fsync(file.fileno())
        for path, target in zip(temporary, targets, strict=True):
            path.replace(target)
        for folder in {target.parent for target in targets}:
            sync_folder(folder)
    finally:
        for path in temporary:
            path.unlink(missing_ok=True)


def _short(name: str) -> str:
    """A temporary name that fits wherever the name itself does, another one for each name."""
    return hashlib.blake2s(os.fsencode(name), digest_size=8).hexdigest() if len(os.fsencode(name)) > _LONG else name


def lock(file: IO[Any]) -> bool:
    """Whether this process alone has an open file now, until it closes it or ends; others ask before they work on.

    A file system without locks is trusted to have one process.

    Args:
        file: open.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def write_bytes(path: Path, content: bytes) -> None:
    """Replace ``path`` by a file with this content; a crash leaves the old file or the new one, never a part."""
    with replacing(path) as (file,):
        file.write(content)


def write_json(path: Path, value: Any) -> None:
    """``write_bytes`` of indented JSON. Numbers that are not finite are written as null, which JSON can hold."""
    write_bytes(path, (json.dumps(finite(value), indent=1, allow_nan=False) + "\n").encode())


def write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """``write_bytes`` of a compressed .npz file."""
    content = io.BytesIO()
    named = {array_name(name): value for name, value in arrays.items()}
    np.savez_compressed(content, **named)  # pyright: ignore[reportArgumentType] -- names of arrays may be any
    write_bytes(path, content.getvalue())


def array_name(name: str) -> str:
    """What an array is called in such a file: the same, with escapes for what UTF-8 has not (names of folders may)."""
    return name.encode(errors="backslashreplace").decode()


def finite(value: Any) -> Any:
    """The same value with None in place of every number that is not finite."""
    if isinstance(value, dict):
        return {str(key): finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
