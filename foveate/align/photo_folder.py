"""The photos below a folder, and where the crops of each go."""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import final

from foveate.data.image_names import IMAGE_SUFFIXES
from foveate.errors import DataError


@final
@dataclass(frozen=True)
class PhotoFolder:
    """What a folder holds.

    Attributes:
        folder: where the photos are.
        names: path of each photo below it, with forward slashes, sorted.
        others: how many files are no photos that can be read, by their ending.
    """

    folder: Path
    names: tuple[str, ...]
    others: dict[str, int]


def find_photos(folder: Path) -> PhotoFolder:
    """List the photos of a folder and of the folders in it, linked ones too, at any depth; hidden ones are passed over.

    Raises:
        DataError: it is no folder, a folder in it cannot be listed, or there are no photos.
    """
    if not folder.is_dir():
        raise DataError("there is no such folder", file=folder, remedy="Give the folder that holds the photos")

    def fail(error: OSError) -> None:
        problem = f"the folder cannot be listed ({error.strerror})"
        raise DataError(problem, file=error.filename, remedy="Make it readable, or move it away") from error

    names, others = list[str](), Counter[str]()
    for parent, folders, files in os.walk(folder, onerror=fail, followlinks=True):
        folders[:] = [name for name in folders if name[0] != "." and not _leads_back(Path(parent, name))]
        for name in files:
            ending = PurePosixPath(name).suffix.lower()
            if name.startswith("."):
                continue
            if ending in IMAGE_SUFFIXES:
                names.append(Path(parent, name).relative_to(folder).as_posix())
            else:
                others[ending or "without ending"] += 1
    if not names:
        raise DataError(
            "the folder holds no photos", file=folder, remedy=f"Give one with {', '.join(IMAGE_SUFFIXES)} files"
        )
    return PhotoFolder(folder, tuple(sorted(names)), dict(sorted(others.items())))


def _leads_back(path: Path) -> bool:
    """Whether a folder is a link to one that it lies in, so that there would be no end of photos."""
    return path.is_symlink() and path.resolve() in {above.resolve() for above in path.parents}


def stems(names: Sequence[str]) -> dict[str, str]:
    """What the crops of each photo are called before their ending: as the photo, without its own ending.

    Photos of one folder that differ by their ending alone keep it (``a.jpg`` and ``a.png``), so no crop takes the
    place of another.

    Raises:
        DataError: two photos would be called the same nevertheless.
    """
    short = {name: PurePosixPath(name).with_suffix("").as_posix() for name in names}
    count = Counter(short.values())
    found = {name: stem if count[stem] == 1 else name for name, stem in short.items()}
    taken: dict[str, str] = {}
    for name, stem in found.items():
        if stem in taken:
            problem = f"its crop would be called as that of {taken[stem]}"
            raise DataError(problem, file=name, remedy="Rename one of the two photos")
        taken[stem] = name
    return found
