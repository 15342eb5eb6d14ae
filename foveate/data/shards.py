"""Which tar files make up a data set that may lie on several disks."""

import glob
import itertools
import os
from pathlib import Path
from typing import Final

from foveate.data.text_lines import read_lines
from foveate.errors import DataError

SHARDS: Final = "shards.txt"
"""A list of shards: in each line a tar file, a folder of them or a pattern, absolute or beside the list."""

_REMEDY: Final = (
    "Give .tar files, a folder of them, a glob pattern in quotes, or shards.txt with one of these in each line"
)


def holds_shards(path: Path) -> bool:
    """Whether a path means shards: a .tar file, a pattern, ``shards.txt``, or a folder that holds tar files alone."""
    if path.is_dir():
        return (path / SHARDS).is_file() or (
            bool(_inside(path)) and not any(_is_visible_folder(p) for p in path.iterdir())
        )
    return path.suffix == ".tar" or path.name == SHARDS or (not path.exists() and glob.has_magic(str(path)))


def find_shards(path: Path) -> tuple[Path, ...]:
    """All shards of a data set, in the order of their file names, wherever they lie.

    So the order of the images stays when a shard is moved to another disk.

    Args:
        path: see ``holds_shards``.

    Raises:
        DataError: there are none, a line of ``shards.txt`` finds none, or two are called alike.
    """
    listed = path / SHARDS if path.is_dir() and (path / SHARDS).is_file() else path
    if listed.name == SHARDS:
        found = [shard for line in _lines(listed) for shard in _matching(listed.parent, line, listed)]
    else:
        found = _matching(Path(), str(path), path)
    ordered = sorted(dict.fromkeys(found), key=lambda shard: (shard.name, str(shard)))
    for one, other in itertools.pairwise(ordered):
        if one.name == other.name:
            remedy = "Give each shard a name of its own, so that their order does not hang on where they lie"
            raise DataError(f"another shard is called so, {other}", file=one, remedy=remedy)
    return tuple(ordered)


def _lines(file: Path) -> list[str]:
    lines = [line.strip() for line in read_lines(file, remedy=_REMEDY)]
    return [line for line in lines if line and not line.startswith("#")]


def _matching(base: Path, name: str, asked: Path) -> list[Path]:
    """The tar files that a path or a pattern means, below a folder or absolute."""
    path, pattern = base / name, os.path.join(glob.escape(str(base)), name)  # noqa: PTH118
    matches = glob.glob(pattern)  # noqa: PTH207  (a pattern may be absolute)
    places = [path] if path.exists() else [Path(match) for match in sorted(matches)]
    found = [shard for place in places for shard in (_inside(place) if place.is_dir() else [place])]
    if not found:
        raise DataError(f"there are no tar files under {name!r}", file=asked, remedy=_REMEDY)
    return found


def _inside(folder: Path) -> list[Path]:
    return sorted(each for each in folder.glob("*.tar") if not each.name.startswith(".") and each.is_file())


def _is_visible_folder(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(".")
