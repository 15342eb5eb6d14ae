"""Training images that are files of their own below one folder."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path

from foveate.data.image_files import ImageFiles
from foveate.data.labelled import LabelledImages


class FileImages(LabelledImages):
    """A base for readers that find which files there are, and of which classes."""

    _files: ImageFiles

    @abstractmethod
    def __init__(self, path: Path) -> None:
        """List the files: set ``path``, ``labels``, ``classes`` and ``_files``."""

    def encoded(self, index: int) -> bytes:
        return self._files[index]

    def files(self) -> Iterable[Path]:
        return (self._files.folder / name for name in self._files.names)

    def record(self, index: int) -> str:
        return self._files.names[index]
