"""The encoded images of any set, training or test, under the names that a person would call them by."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, final

import numpy as np

from foveate.data.image_files import ImageFiles
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet


@final
@dataclass(frozen=True)
class Pictures:
    """Encoded images that are read when asked for.

    Attributes:
        path: file or folder they come from.
        title: name of the set in messages.
        count: how many there are.
        encoded: the bytes of an image by its number; raises ``DataError`` where it cannot be read.
        record: what a person would call an image by its number.
    """

    path: Path
    title: str
    count: int
    encoded: Callable[[int], bytes]
    record: Callable[[int], str]

    @classmethod
    def of_training(cls, images: LabelledImages, title: str = "training") -> Self:
        """The images of a training set."""
        return cls(images.path, title, len(images), images.encoded, images.record)

    @classmethod
    def of_test(cls, test: TestSet, path: Path) -> Self:
        """The images of a test set that was read from this path."""
        images: Any = test.images
        record = images.names.__getitem__ if isinstance(images, ImageFiles) else str
        return cls(path, test.name, len(images), images.__getitem__, record)

    def sample(self, most: int) -> "Pictures":
        """At most so many of the images, evenly spaced over the whole set."""
        if self.count <= most:
            return self
        chosen = np.linspace(0, self.count - 1, most).astype(int).tolist()
        encoded, record = self.encoded, self.record
        return Pictures(
            self.path, self.title, most, lambda number: encoded(chosen[number]), lambda number: record(chosen[number])
        )

    def name(self, number: int) -> str:
        """File and record of an image, for an example."""
        return f"{self.title}: {self.record(number)}"
