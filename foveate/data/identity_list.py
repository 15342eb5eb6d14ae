"""Who is on the images of a folder, as a MATLAB list says: file names, and the number of the person on each.

TinyFace and QMUL-SurvFace, of the same authors, have lists of this form.
"""

from pathlib import Path
from typing import Final

from foveate.data.image_names import images_in
from foveate.data.matlab import plain_cells, read_matlab
from foveate.errors import DataError

SAME: Final = "List and folder must hold the same files; unpack the original archive again"

Labelled = dict[str, int]
"""File names and the person of each, in order."""


def read_identity_list(file: Path, word: str, folder: Path, *, layout: str) -> Labelled:
    """Read a list, and check it against the folder of its images.

    Args:
        file: a .mat file with ``WORD_set``, a cell array of file names, and ``WORD_ids``, a whole number for each.
        word: what its two variables begin with.
        folder: of the images.
        layout: what the folder should be, for the remedy of an error.

    Raises:
        DataError: list or folder is missing, or they do not hold the same files.
    """
    content = read_matlab(file, [f"{word}_set", f"{word}_ids"])
    names, people = (plain_cells(content[f"{word}_{key}"]) for key in ("set", "ids"))
    if len(names) != len(people) or not names:
        problem = f"{len(names):,} file names do not go with {len(people):,} people"
        raise DataError(problem, file=file, remedy=SAME)
    present, found = {*images_in(folder, layout=layout)}, Labelled()
    for row, (name, person) in enumerate(zip(names, people, strict=True), start=1):
        problem = _mistake(name, person, present, found, folder.name)
        if problem is not None:
            raise DataError(problem, file=file, record=row, remedy=SAME)
        found[str(name)] = int(person)  # pyright: ignore[reportArgumentType] -- checked above
    unlisted = sorted(present - found.keys())
    if unlisted:
        raise DataError(f"the image is not in the list {file.name}", file=folder, record=unlisted[0], remedy=SAME)
    return found


def _mistake(name: object, person: object, present: set[str], found: Labelled, part: str) -> str | None:
    """What is wrong with a row of a list, if anything is."""
    if not isinstance(name, str) or not isinstance(person, int | float) or person % 1 or not 0 <= person < 10**9:
        return f"{str(name)[:40]!r} and {str(person)[:20]!r} are not a file name and the number of a person"
    if name not in present:
        return f"the image {name[:80]} is not in the folder {part}"
    if name in found:
        return f"the image {name} is listed twice"
    return None
