"""What every reader of training images promises, whatever its storage format.

Legend: N images.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from jaxtyping import Int64


class LabelledImages(ABC):
    """N encoded images (JPEG or PNG bytes), each with the number of its class.

    Attributes:
        path: the file or folder the images come from, for messages.
        labels: class of each image, in ``0 .. len(classes) - 1``.
        classes: name of each class; the order is part of the meaning of a trained head.
    """

    path: Path
    labels: Int64[np.ndarray, " N"]
    classes: tuple[str, ...]

    @abstractmethod
    def encoded(self, index: int) -> bytes:
        """The encoded bytes of image ``index``; raises ``DataError`` naming file and record."""

    @abstractmethod
    def record(self, index: int) -> str:
        """What a person would call image ``index`` (a file name, a record key), for messages."""

    def files(self) -> Iterable[Path]:
        """The files that the images are read from."""
        return (self.path,)

    def state(self) -> str:
        """SHA-256 over the labels, and over names, sizes and times of the files: another one when an image changes."""
        digest = hashlib.sha256(self.fingerprint().encode())
        for file in self.files():
            stat = file.stat()
            digest.update(f"{file.name} {stat.st_size} {stat.st_mtime_ns}\n".encode(errors="surrogateescape"))
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.labels)

    def fingerprint(self) -> str:
        """SHA-256 over class names and labels: sets with the same value teach the same classes in the same order."""
        digest = hashlib.sha256("\n".join(self.classes).encode(errors="surrogateescape"))
        digest.update(np.ascontiguousarray(self.labels, dtype="<i8").tobytes())
        return digest.hexdigest()
