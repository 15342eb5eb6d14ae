"""TinyFace's layout, written: for sets of one's own, and for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from foveate.data.image_writer import write_image
from foveate.data.matlab_writer import cells, write_matlab
from foveate.data.tinyface import LISTS, MATCH, PROBE, STRANGERS, TESTING

Images = Mapping[int, Sequence[bytes]]


def write_tinyface(
    folder: Path, *, probes: Images, matches: Images, distractors: Sequence[bytes], aligned: bool = False
) -> Path:
    """Write an identification set as ``read_tinyface`` reads it.

    Args:
        folder: where to write.
        probes: JPEG bytes of each person's probes, by the person's number.
        matches: the same for the gallery.
        distractors: JPEG bytes of other people.
        aligned: the layout of aligned faces, without lists.

    Returns:
        The folder.
    """
    root = folder if aligned else folder / TESTING
    taken: dict[int, int] = {}
    for part, people in ((MATCH, matches), (PROBE, probes)):
        names, numbers = [], []
        for person, images in people.items():
            for image in images:
                taken[person] = taken.get(person, 0) + 1
                names.append(f"{person}_{taken[person]}.jpg")
                numbers.append(person)
                write_image(root / part / names[-1], image)
        if not aligned:
            file, word = LISTS[part]
            lists = {f"{word}_set": cells([[name] for name in names]), f"{word}_ids": np.array(numbers)[:, None]}
            write_matlab(root / file, lists)
    for number, image in enumerate(distractors, start=1):
        write_image(root / STRANGERS / f"{number:06d}.jpg", image)
    return folder
