"""WIDER FACE's annotation text and its MATLAB files, written: for sets of one's own, and for tests."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from scipy.io import savemat

from foveate.data.annotated import FLAGS, AnnotatedPhoto
from foveate.data.wider_truth import ALL, LEVELS
from foveate.files import write_bytes


def write_widerface(file: Path, photos: Sequence[AnnotatedPhoto]) -> None:
    """Write an annotation text as ``read_widerface`` reads it, with the official line of zeros where there is no face.

    Args:
        file: the text.
        photos: with boxes of whole pixels; flags that are None are written as 0.
    """
    lines = []
    for photo in photos:
        lines += [photo.name, str(len(photo))]
        lines += [" ".join(map(str, row)) + " " for row in _rows(photo).tolist()] or ["0 " * (4 + len(FLAGS))]
    write_bytes(file, "".join(line + "\n" for line in lines).encode())


def write_wider_truth(
    folder: Path, photos: Sequence[AnnotatedPhoto], counted: Mapping[str, Sequence[np.ndarray]]
) -> None:
    """Write the four files of the ground truth as ``read_wider_truth`` reads them.

    Args:
        folder: where to write; made if missing.
        photos: called ``event/name.jpg``, those of an event together.
        counted: for each level (easy, medium, hard) and photo, which of its faces count.
    """
    folder.mkdir(parents=True, exist_ok=True)
    events = [(event, list(members)) for event, members in groupby(range(len(photos)), lambda n: photos[n].event)]

    def nested(values: Sequence[object]) -> np.ndarray:
        return _cells([_cells([values[number] for number in members]) for _, members in events])

    rows = [_rows(photo) for photo in photos]
    shared = {
        "event_list": _cells([event for event, _ in events]),
        "file_list": nested([photo.name.removeprefix(f"{photo.event}/").removesuffix(".jpg") for photo in photos]),
        "face_bbx_list": nested([row[:, :4] for row in rows]),
        **{f"{name}_label_list": nested([row[:, [4 + column]] for row in rows]) for column, name in enumerate(FLAGS)},
    }
    savemat(folder / ALL, shared, do_compression=True)
    for level, file in LEVELS.items():
        numbers = nested([np.flatnonzero(marks)[:, None] + 1 for marks in counted[level]])
        savemat(folder / file, {**shared, "gt_list": numbers}, do_compression=True)


def _rows(photo: AnnotatedPhoto) -> np.ndarray:
    """x, y, width, height and the flags of each face."""
    boxes = photo.boxes.astype(np.int64)
    flags = np.zeros((len(photo), len(FLAGS)), dtype=np.int64) if photo.flags is None else photo.flags
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2], flags], axis=1)


def _cells(values: Sequence[object]) -> np.ndarray:
    cells = np.empty((len(values), 1), dtype=object)
    for row, value in enumerate(values):
        cells[row, 0] = value
    return cells
