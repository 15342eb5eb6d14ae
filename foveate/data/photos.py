"""Photos of objects with their classes: what a path holds, and which of it is to be tested on.

Legend: N images.
"""

from pathlib import Path
from typing import Final, final

import numpy as np
from jaxtyping import Int64

from foveate.chance import integer
from foveate.data.folder import ImageFolder
from foveate.data.imagenet import ImageNet, is_imagenet
from foveate.data.labelled import LabelledImages
from foveate.data.open import open_training_set
from foveate.data.subset import Subset
from foveate.errors import DataError

TESTS: Final = ("val", "test")
"""Folders beside ``train`` whose photos are tested on."""


@final
class Part(Subset):
    """Some images of another set, with all its classes.

    Args:
        source: the whole set.
        positions: of the images in it.
    """

    def __init__(self, source: LabelledImages, positions: Int64[np.ndarray, " N"]) -> None:
        super().__init__(source, positions)
        self.classes, self.labels = source.classes, source.labels[positions]


def open_photos(path: Path) -> tuple[LabelledImages, LabelledImages | None]:
    """Training images, and those to test on if the data bring them.

    Args:
        path: ImageNet's folder; a folder with ``train/class/image.jpg`` and ``val`` or ``test`` laid out alike; or
            training images alone, as ``open_training_set`` takes them (``class/image.jpg``).

    Raises:
        DataError: there is no such path, it holds no images, or test images are of other classes.
    """
    if is_imagenet(path):
        return ImageNet(path, "train"), ImageNet(path, "val") if (path / "val").is_dir() else None
    if not (path / "train").is_dir():
        return open_training_set(path), None
    images = ImageFolder(path / "train")
    for name in TESTS:
        if (path / name).is_dir():
            tests = ImageFolder(path / name)
            if tests.classes != images.classes:
                strange = sorted({*tests.classes} ^ {*images.classes})[0]
                remedy = "Give both the same folders of classes"
                raise DataError(f"only one of train and {name} has the class {strange}", file=path, remedy=remedy)
            return images, tests
    return images, None


def hold_out_photos(images: LabelledImages, *, share: float, seed: int = 0) -> tuple[Part, Part]:
    """Split a set by image: some of each class to test on, one at least, and the rest to train on.

    Args:
        images: the whole set.
        share: of each class's images to keep out of training.
        seed: decides which.

    Raises:
        DataError: a class has one image only.
    """
    random = np.random.default_rng(integer("photos held out", seed))
    held = []
    for number, name in enumerate(images.classes):
        own = np.flatnonzero(images.labels == number)
        if len(own) < 2:
            remedy = "Add photos of it, or take the class out"
            raise DataError(f"of the class {name} there are {len(own)} photos", file=images.path, remedy=remedy)
        count = min(max(round(share * len(own)), 1), len(own) - 1)
        held.append(random.permutation(own)[:count])
    out = np.sort(np.concatenate(held))
    return Part(images, np.setdiff1d(np.arange(len(images)), out)), Part(images, out)
