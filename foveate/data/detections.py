"""What a detector found in many photos, in WIDER FACE's text format (Yang et al., CVPR 2016).

Legend: K boxes.

For each photo ``event/name.jpg`` there is a file ``event/name.txt``: the photo's name, the number of its boxes, and a
line ``x y w h score`` for each.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, final

import numpy as np
from jaxtyping import Float64

from foveate.data.text_lines import read_lines, stays_inside, whole_number
from foveate.errors import DataError
from foveate.files import write_bytes

_REMEDY: Final = "Write the photo's name, the number of boxes, and 'x y w h score' in each further line"


@final
@dataclass(frozen=True, eq=False)
class Detections:
    """Boxes found in one photo.

    Attributes:
        boxes: left, top, right and bottom edge in pixels; width is right minus left.
        scores: how sure the detector is; of any range.
    """

    boxes: Float64[np.ndarray, "K 4"]
    scores: Float64[np.ndarray, " K"]

    def __len__(self) -> int:
        return len(self.scores)

    @classmethod
    def none(cls) -> "Detections":
        """Nothing found."""
        return cls(np.empty((0, 4)), np.empty(0))


def read_detections(folder: Path, names: Iterable[str]) -> tuple[dict[str, Detections], list[str]]:
    """Read the files of some photos.

    Args:
        folder: with ``event/name.txt``.
        names: of the photos, ``event/name.jpg``.

    Returns:
        What was found in each; and the photos without a file, which have no detections.

    Raises:
        DataError: the folder holds no file of any of them, or a file is laid out otherwise.
    """
    files = {name: folder / PurePosixPath(name).with_suffix(".txt") for name in names}
    missing = [name for name, file in files.items() if not file.is_file()]
    absent = frozenset(missing)
    if len(missing) == len(files):
        remedy = "Give the folder that holds one folder for each event, with a .txt file for each photo"
        raise DataError(f"there are no detections of any of {len(files):,} photos", file=folder, remedy=remedy)
    found = {name: Detections.none() if name in absent else _read(file) for name, file in files.items()}
    return found, missing


def text_files(names: Iterable[str]) -> dict[str, PurePosixPath]:
    """The file of each photo inside a folder of detections.

    Raises:
        DataError: a name leads out of the folder, or two photos differ by their ending alone.
    """
    files, owners = dict[str, PurePosixPath](), dict[PurePosixPath, str]()
    for name in names:
        if not stays_inside(name):
            raise DataError(f"{name[:80]!r} is no photo's name", remedy="Call photos 'event/name.jpg'")
        files[name] = PurePosixPath(name).with_suffix(".txt")
        other = owners.setdefault(files[name], name)
        if other != name:
            problem = f"the boxes of {other} and {name} would be in one file"
            raise DataError(problem, remedy="Rename one of the two photos")
    return files


def write_detections(folder: Path, detections: Mapping[str, Detections]) -> Path:
    """Write a file for each photo, the surest box first; returns the folder.

    Raises:
        DataError: as ``text_files``.
    """
    for name, file in text_files(detections).items():
        found = detections[name]
        order = np.argsort(-found.scores, kind="stable")
        sides = np.concatenate([found.boxes[:, :2], found.boxes[:, 2:] - found.boxes[:, :2]], axis=1)
        rows = [" ".join(f"{value:.10g}" for value in (*sides[place], found.scores[place])) for place in order]
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / file, "\n".join([file.stem, str(len(rows)), *rows, ""]).encode())
    return folder


def _read(file: Path) -> Detections:
    lines = read_lines(file, remedy=_REMEDY)
    count = whole_number(lines[1].strip()) if len(lines) > 1 else None
    rows = [line.split() for line in lines[2:] if line.strip()]
    if count is None or count != len(rows):
        problem = f"it announces {lines[1].strip()[:20] if len(lines) > 1 else 'no'} boxes and has {len(rows)}"
        raise DataError(problem, file=file, remedy=_REMEDY)
    try:
        table = np.array([[float(word) for word in row] for row in rows], dtype=np.float64).reshape(-1, 5)
    except ValueError as error:
        raise DataError("a line is not five numbers", file=file, remedy=_REMEDY) from error
    if not np.isfinite(table).all():
        raise DataError("a number is not finite", file=file, remedy=_REMEDY)
    return Detections(np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], axis=1), table[:, 4])
