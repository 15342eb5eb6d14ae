"""CFP's layout, written: for sets of one's own, and for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from foveate.data.cfp import IMAGE_LISTS, KINDS, PROTOCOL
from foveate.data.image_writer import write_image

Images = Mapping[int, Sequence[bytes]]
Folds = Sequence[Mapping[bool, Sequence[tuple[int, int]]]]
"""For each fold the pairs of one person (True) and of two (False), as numbers of images from 1."""

_FOLDERS = {"F": "frontal", "P": "profile"}


def write_cfp(folder: Path, *, frontal: Images, profile: Images, splits: Mapping[str, Folds]) -> Path:
    """Write faces as ``read_cfp`` reads them.

    Args:
        folder: where to write.
        frontal, profile: JPEG bytes of each person's images, by the person's number; the images of each kind are
            numbered from 1 in this order.
        splits: the folds of the protocols ``FP`` and ``FF``, or of one of them.

    Returns:
        The folder.
    """
    for side, people in (("F", frontal), ("P", profile)):
        lines: list[str] = []
        for person, images in people.items():
            for number, image in enumerate(images, start=1):
                path = f"Data/Images/{person:03d}/{_FOLDERS[side]}/{number:02d}.jpg"
                write_image(folder / path, image)
                lines.append(f"{len(lines) + 1} ../{path}\n")
        _write(folder / PROTOCOL / IMAGE_LISTS[side], lines)
    for name, folds in splits.items():
        for number, fold in enumerate(folds, start=1):
            for kind, same in KINDS.items():
                lines = [f"{first},{second}\n" for first, second in fold[same]]
                _write(folder / PROTOCOL / "Split" / name / f"{number:02d}" / kind, lines)
    return folder


def _write(file: Path, lines: Sequence[str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(lines), encoding="utf-8")
