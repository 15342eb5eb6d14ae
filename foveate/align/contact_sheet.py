"""Pictures for a look at what was cut out, and at what was not."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, final

from PIL import Image

from foveate.align.photo import read_photo
from foveate.align.record import CropRecord, PhotoRecord
from foveate.errors import DataError

MOST: Final = 48
"""Pictures of each kind."""
_SIDE: Final = 112

Item = TypeVar("Item")


@final
@dataclass(frozen=True)
class Tile:
    """One picture.

    Attributes:
        jpeg: of 112 pixels at most; None where there is none to show.
        caption: what it shows.
    """

    jpeg: bytes | None
    caption: str


def contact_sheet(records: Sequence[PhotoRecord], photos: Path, out: Path) -> dict[str, list[Tile]]:
    """Pictures by what they show: crops from all over the folder, the least sure ones, stand-ins, dropped photos.

    Args:
        records: of all photos, in their order.
        photos: the folder of photos.
        out: the folder of crops.
    """
    crops = [crop for record in records for crop in record.crops]
    sure = [crop for crop in crops if crop.how in ("detected", "box")]
    doubted = sorted((crop for crop in sure if crop.score is not None), key=lambda crop: crop.score or 0.0)[:MOST]
    stand_ins = [crop for crop in crops if crop.how not in ("detected", "box")]
    dropped = [record for record in records if not record.crops]

    def of_crop(crop: CropRecord) -> Tile:
        score = "" if crop.score is None else f", score {crop.score:.3f}"
        return Tile(_picture(out / crop.file), f"{crop.file}{score}")

    def of_photo(record: PhotoRecord) -> Tile:
        return Tile(_picture(photos / record.photo), f"{record.photo}: {', '.join(record.problems)}")

    groups: dict[str, tuple[Callable[..., Tile], Sequence[CropRecord] | Sequence[PhotoRecord]]] = {
        f"Crops ({len(sure):,})": (of_crop, _spread(sure)),
        "The least sure of them": (of_crop, doubted if len(sure) > MOST else ()),
        f"Whole regions in place of faces that were not found ({len(stand_ins):,})": (of_crop, _spread(stand_ins)),
        f"Photos without a crop ({len(dropped):,})": (of_photo, _spread(dropped)),
    }
    return {title: [draw(item) for item in items] for title, (draw, items) in groups.items() if items}


def _spread(items: Sequence[Item]) -> list[Item]:
    """``MOST`` items from all over a list, in their order."""
    count = min(MOST, len(items))
    return [items[place * len(items) // count] for place in range(count)]


def _picture(file: Path) -> bytes | None:
    try:
        image = Image.fromarray(read_photo(file.read_bytes(), file=file))
    except (DataError, OSError):
        return None
    image.thumbnail((_SIDE, _SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
