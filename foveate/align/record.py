"""What came of one photo, as ``align.json`` holds it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self, final

How = Literal["detected", "box", "resize", "centre"]
"""Cut out as asked, from what a detector found (``detected``) or from a given box (``box``). Where no face was found:
all of the region stretched (``resize``), or the largest square in its middle (``centre``)."""


@final
@dataclass(frozen=True)
class CropRecord:
    """One crop.

    Attributes:
        file: path below the folder of crops.
        how: what it shows.
        box: left, top, right and bottom edge of the face in pixels of the upright photo, as detected or as
            given; where no face was found, of the region that stands for it.
        score: how sure the detector was, from 0 to 1; None without a detector.
        points: x and y of left eye, right eye, nose, left and right corner of the mouth; None where none were found.
    """

    file: str
    how: How
    box: list[float]
    score: float | None = None
    points: list[list[float]] | None = None


@final
@dataclass(frozen=True)
class PhotoRecord:
    """One photo.

    Attributes:
        photo: path below the folder of photos.
        width, height: in pixels, upright; 0 for a photo that cannot be read.
        faces: how many the detector found; None if it was not asked.
        crops: what was written.
        problems: why less was written than asked for.
        unreadable: whether the photo could not be read at all.
        state: size and time of its file; another one, and it is worked on anew. Nothing where that is not known.
    """

    photo: str
    width: int
    height: int
    faces: int | None
    crops: tuple[CropRecord, ...]
    problems: tuple[str, ...] = ()
    unreadable: bool = False
    state: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        crops = tuple(CropRecord(**crop) for crop in value["crops"])
        return cls(**{**value, "crops": crops, "problems": tuple(value["problems"])})
