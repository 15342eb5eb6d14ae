"""Photos with boxes around their faces, to train a detector on or to test it with.

Legend: N photos, M faces of a photo.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, final

import numpy as np
from jaxtyping import Bool, Float32

from foveate.chance import integer
from foveate.data.annotated import AnnotatedPhoto
from foveate.data.cmu_mit import LIST as CMU_MIT
from foveate.data.cmu_mit import read_cmu_mit
from foveate.data.decode import decode
from foveate.data.file_images import FileImages
from foveate.data.image_files import ImageFiles
from foveate.data.scene import Scene
from foveate.data.wider_truth import ALL, LEVELS, read_wider_truth
from foveate.data.widerface import read_widerface
from foveate.errors import DataError

TRUTHS: Final = ("ground_truth", "eval_tools/ground_truth", "wider_face_split", ".")
"""Where, in a folder of WIDER FACE, the official ground truth may lie."""

_REMEDY: Final = (
    "Give WIDER FACE's folder, with wider_face_split, WIDER_train and WIDER_val; or a folder with train_bbx_gt.txt "
    "(and val_bbx_gt.txt) beside the photos it names; or a text of boxes by itself"
)


@final
class FacePhotos(FileImages):
    """Annotated photos; their classes are the events they show.

    Attributes:
        photos: names and boxes.
    """

    def __init__(self, path: Path, photos: Sequence[AnnotatedPhoto], folder: Path | None = None) -> None:
        """Take over annotations.

        Args:
            path: where they come from, for messages.
            photos: the annotations; faces without area are no faces here.
            folder: that the photos' names begin in; by default ``path``.

        Raises:
            DataError: there are no photos.
        """
        if not photos:
            raise DataError("there are no photos", file=path, remedy=_REMEDY)
        self.path, self.photos = path, tuple(photos)
        self.classes = tuple(sorted({photo.event for photo in photos}))
        number = {event: place for place, event in enumerate(self.classes)}
        self.labels = np.array([number[photo.event] for photo in photos], dtype=np.int64)
        self._files = ImageFiles(path if folder is None else folder, [photo.name for photo in photos])

    def boxes(self, index: int) -> Float32[np.ndarray, "M 4"]:
        """Boxes of the faces of a photo that have an area, in pixels, as annotated."""
        photo = self.photos[index]
        return photo.boxes[photo.with_area()].astype(np.float32)

    def file(self, index: int) -> Path:
        """Where a photo lies."""
        return self._files.folder / self.photos[index].name

    def scene(self, index: int) -> Scene:
        """A photo, decoded, with its boxes.

        Raises:
            DataError: it is missing or damaged.
        """
        return Scene(decode(self.encoded(index), file=self.path, record=self.record(index)), self.boxes(index))

    def fingerprint(self) -> str:
        """SHA-256 over names and boxes of all photos, beside their events: they are what is learnt."""
        digest = hashlib.sha256(super().fingerprint().encode())
        for photo in self.photos:
            digest.update(
                photo.name.encode(errors="surrogateescape") + np.ascontiguousarray(photo.boxes, dtype="<f8").tobytes()
            )
        return digest.hexdigest()

    def some(self, chosen: Sequence[int]) -> "FacePhotos":
        """Some of the photos."""
        return FacePhotos(self.path, [self.photos[index] for index in chosen], self._files.folder)


@final
@dataclass(frozen=True, eq=False)
class FaceTest:
    """Photos to test a detector on.

    Attributes:
        name: of the set.
        images: the photos.
        levels: for each of WIDER FACE's levels, which faces of each photo count; nothing for sets of which all count.
    """

    name: str
    images: FacePhotos
    levels: Mapping[str, tuple[Bool[np.ndarray, " _"], ...]]


def hold_out_faces(images: FacePhotos, share: float) -> tuple[FacePhotos, FacePhotos]:
    """Split photos: those to train on, and a share of them, one at least, to test on; always the same.

    Raises:
        DataError: there is one photo only.
    """
    if len(images) < 2:
        remedy = "Add photos, or give some as val_bbx_gt.txt"
        raise DataError("one photo cannot be trained on and tested with", file=images.path, remedy=remedy)
    order = np.random.default_rng(integer("photos held out", 0)).permutation(len(images)).tolist()
    count = min(max(1, round(share * len(images))), len(images) - 1)
    return images.some(sorted(order[count:])), images.some(sorted(order[:count]))


def open_face_photos(path: Path) -> tuple[FacePhotos, FacePhotos | None]:
    """Photos to train on, and those of the validation set if there are any.

    Args:
        path: WIDER FACE's folder; a folder with ``train_bbx_gt.txt`` and photos; or a text of boxes.

    Raises:
        DataError: it is none of these, or a text is damaged.
    """
    if path.is_file():
        return FacePhotos(path, read_widerface(path), path.parent), None
    if not path.exists():
        raise DataError("there is no such file or folder", file=path, remedy=_REMEDY)
    train = _split(path, "train")
    if train is None:
        raise DataError("there are no boxes to train on", file=path, remedy=_REMEDY)
    return train, _split(path, "val")


def open_face_test(path: Path) -> FaceTest:
    """Photos to test on: WIDER FACE's validation set with its ground truth, CMU+MIT, or as ``open_face_photos``.

    Raises:
        DataError: there are none, or they are damaged.
    """
    name = path.resolve().name
    if (path / CMU_MIT).is_file():
        return FaceTest(name, FacePhotos(path, read_cmu_mit(path)), {})
    if path.is_dir():
        for place in TRUTHS:
            if all((path / place / file).is_file() for file in (ALL, *LEVELS.values())):
                truth = read_wider_truth(path / place)
                return FaceTest(name, FacePhotos(path, truth.photos, path / "WIDER_val" / "images"), truth.counted)
        found = _split(path, "val") or _split(path, "train")
        if found is None:
            raise DataError("there are no boxes to test with", file=path, remedy=_REMEDY)
        return FaceTest(name, found, {})
    return FaceTest(path.stem, open_face_photos(path)[0], {})


def open_face_tests(paths: Sequence[Path]) -> list[FaceTest]:
    """Several test sets.

    Raises:
        DataError: as ``open_face_test``, or two have one name, under which results are kept.
    """
    found: dict[str, FaceTest] = {}
    for path in paths:
        test = open_face_test(path)
        if test.name in found:
            raise DataError(f"two test sets are called {test.name}", file=path, remedy="Rename one of the two")
        found[test.name] = test
    return [*found.values()]


def _split(path: Path, split: Literal["train", "val"]) -> FacePhotos | None:
    for text, folder in (
        (path / f"{split}_bbx_gt.txt", path),
        (path / "wider_face_split" / f"wider_face_{split}_bbx_gt.txt", path / f"WIDER_{split}" / "images"),
    ):
        if text.is_file():
            return FacePhotos(path, read_widerface(text), folder)
    return None
