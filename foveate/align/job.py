"""A folder of photos -> a folder of crops: decoded and written in threads, searched in batches, resumable."""

import io
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, final

import numpy as np
import torch
from PIL import Image

from foveate.align.aligner import Aligner, Crop
from foveate.align.boxes import Boxes
from foveate.align.ledger import Ledger
from foveate.align.loading import Loaded, batches, file_state
from foveate.align.photo_folder import PhotoFolder, stems
from foveate.align.record import CropRecord, PhotoRecord
from foveate.data.encode import encode
from foveate.detect.detector import Detector, Photo
from foveate.detect.faces import Faces
from foveate.errors import RecipeError
from foveate.files import write_bytes

Format = Literal["png", "jpeg"]
ENDINGS: Final = {"png": ".png", "jpeg": ".jpg"}
QUALITY: Final = 95
"""Of JPEG crops, without chroma subsampling."""

Tell = Callable[[int, int], None]
Named = list[tuple[str, Crop]]
"""Crops, and the files they go to."""


@final
@dataclass(frozen=True)
class Work:
    """How the work is done; nothing of it is meant to change a crop.

    Attributes:
        batch: photos searched together, at most.
        workers: threads that decode and write.
        device: where crops are made.

    Raises:
        RecipeError: no photo, or no thread.
    """

    batch: int = 16
    workers: int = 4
    device: torch.device | str = "cpu"

    def __post_init__(self) -> None:
        for name in ("batch", "workers"):
            if getattr(self, name) < 1:
                raise RecipeError(f"--{name} is {getattr(self, name)}", remedy="Give 1 or more")


@final
@dataclass(frozen=True)
class AlignJob:
    """Cuts the faces out of all photos of a folder.

    Attributes:
        photos: the folder.
        aligner: how faces are cut out.
        detector: finds them; None if the given boxes are cut out as they are.
        boxes: of the faces that are meant, for each photo; photos without one are left out. None to choose faces as
            ``aligner`` says.
        ending: format of the crops: lossless PNG, or JPEG of quality 95.
    """

    photos: PhotoFolder
    aligner: Aligner
    detector: Detector | None
    boxes: Boxes | None = None
    ending: Format = "png"

    def run(self, ledger: Ledger, out: Path, work: Work, tell: Tell = lambda done, total: None) -> None:
        """Work on every photo that is not done; each is noted in the ledger when its crops are on disk.

        Args:
            ledger: of the folder of crops.
            out: that folder.
            work: how.
            tell: hears how many photos of how many are done.
        """
        names, called = self.photos.names, stems(self.photos.names)
        todo = [name for name in names if not ledger.is_done(name, file_state(self.photos.folder / name))]
        unwanted = [name for name in todo if self.boxes is not None and name not in self.boxes]
        ledger.add(PhotoRecord(name, 0, 0, None, (), ("no box is given for it",)) for name in unwanted)
        todo = [name for name in todo if self.boxes is None or name in self.boxes]
        done = len(names) - len(todo)
        tell(done, len(names))
        with ThreadPoolExecutor(work.workers) as pool:
            for part in batches(self.photos.folder, todo, pool, batch=work.batch, ahead=2 * work.workers):
                made = [
                    _named(loaded, faces, result, self._file(called[loaded.name]))
                    for loaded, faces, result in self._cut(part, torch.device(work.device))
                ]
                crops = [crop for _, named in made for crop in named]
                for _ in pool.map(lambda crop: write_bytes(out / crop[0], self._encoded(crop[1])), crops):
                    pass
                ledger.add(record for record, _ in made)
                done += len(part)
                tell(done, len(names))

    def _cut(
        self, part: Sequence[Loaded], device: torch.device
    ) -> list[tuple[Loaded, Faces | None, tuple[list[Crop], list[str]]]]:
        """For each photo the faces that were found, the crops, and why any is missing."""
        photos: list[Photo] = [torch.from_numpy(item.pixels).to(device) for item in part if item.pixels is not None]
        found = iter(zip(photos, self.detector(photos) if self.detector else [None] * len(photos), strict=True))
        answers = []
        for item in part:
            if item.pixels is None:
                answers.append((item, None, ([], [item.problem])))
                continue
            photo, faces = next(found)
            boxes = None if self.boxes is None else self.boxes[item.name]
            answers.append((item, faces, self.aligner(photo, faces, boxes)))
        return answers

    def _file(self, stem: str) -> Callable[[int], str]:
        """What the crops of a photo are called, by their number; one alone needs none."""
        numbered = self.boxes is not None or self.aligner.choice == "all"
        return lambda number: stem + (f".{number}" if numbered else "") + ENDINGS[self.ending]

    def _encoded(self, crop: Crop) -> bytes:
        image = np.ascontiguousarray(crop.pixels.cpu().numpy())
        if self.ending == "jpeg":
            return encode(image, quality=QUALITY)
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        return buffer.getvalue()


def _named(
    loaded: Loaded, faces: Faces | None, result: tuple[list[Crop], list[str]], file: Callable[[int], str]
) -> tuple[PhotoRecord, Named]:
    """The record of a photo, and its crops with their files."""
    crops, problems = result
    named = [(file(number), crop) for number, crop in enumerate(crops, start=1)]
    height, width = (0, 0) if loaded.pixels is None else loaded.pixels.shape[:2]
    records = tuple(_record(name, crop) for name, crop in named)
    count = None if faces is None else len(faces)
    unreadable = loaded.pixels is None
    record = PhotoRecord(loaded.name, width, height, count, records, tuple(problems), unreadable, loaded.state)
    return record, named


def _record(file: str, crop: Crop) -> CropRecord:
    points = None if crop.points is None else crop.points.round(2).tolist()
    score = None if crop.score is None else round(crop.score, 6)
    return CropRecord(file, crop.how, crop.box.round(2).tolist(), score, points)
