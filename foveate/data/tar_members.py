"""Where the files in a tar archive lie, so that they can be read one by one without unpacking it.

The format is POSIX.1-2017's ustar and pax (pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html), as read by the
standard library. Nothing is ever written to disk: an archive's names are names only.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, final

from foveate.data.text_lines import stays_inside
from foveate.errors import DataError

_READ: Final = 1 << 20
_REMEDY: Final = "Write or copy the archive again, uncompressed, with plain files only"


@final
@dataclass(frozen=True)
class Member:
    """A file in an archive.

    Attributes:
        name: path inside the archive.
        offset, size: where its content lies, in bytes.
    """

    name: str
    offset: int
    size: int


def tar_members(path: Path) -> Iterator[Member]:
    """The plain files of an uncompressed archive, in its order; folders are passed over.

    Args:
        path: the archive.

    Raises:
        DataError: it cannot be read, is compressed, damaged or cut short, or has a link, a device, a sparse file or a
            name that leads out of a folder.
    """
    try:
        with path.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as archive:
            length = file.seek(0, 2)
            file.seek(0)
            while (info := archive.next()) is not None:
                archive.members.clear()  # pyright: ignore[reportAttributeAccessIssue] -- else all of them stay in memory
                _check(info, path, length)
                if info.isreg():
                    yield Member(info.name, info.offset_data, info.size)
            _check_end(file, archive.offset, path)
    except OSError as error:
        remedy = "Put the archive there, or make it readable"
        raise DataError(f"cannot be read ({error.strerror})", file=path, remedy=remedy) from error
    except (tarfile.TarError, ValueError) as error:  # a pax header with nonsense in it is a ValueError
        raise DataError(f"it is no plain tar archive, or a damaged one ({error})", file=path, remedy=_REMEDY) from error


def _check(info: tarfile.TarInfo, path: Path, length: int) -> None:
    problem = None
    if not stays_inside(info.name):
        problem = "its name leads out of the archive"
    elif info.issym() or info.islnk():
        problem = f"it is a link to {info.linkname[:60]!r}"
    elif info.issparse() or not (info.isreg() or info.isdir()):
        problem = "it is neither a plain file nor a folder"
    elif info.offset_data + info.size > length:
        problem = "the archive ends inside of it"
    if problem is not None:
        raise DataError(problem, file=path, record=info.name[:80], remedy=_REMEDY)


def _check_end(file: BinaryIO, offset: int, path: Path) -> None:
    """An archive that lost its last members, or whose headers are damaged, lacks the block of zeros behind them."""
    file.seek(offset)
    if file.read(tarfile.BLOCKSIZE) != bytes(tarfile.BLOCKSIZE):
        problem = f"the archive has no header and no end at byte {offset:,}: it is cut short or damaged"
        raise DataError(problem, file=path, remedy=_REMEDY)
    while behind := file.read(_READ):
        if behind.count(0) < len(behind):
            problem = f"more follows the archive's end at byte {offset:,}: another archive was appended, perhaps"
            raise DataError(problem, file=path, remedy=_REMEDY)
