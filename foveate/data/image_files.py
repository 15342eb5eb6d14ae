"""A list of image files that are read when asked for."""

from collections.abc import Sequence
from pathlib import Path
from typing import SupportsIndex, final, overload

from foveate.errors import DataError


@final
class ImageFiles(Sequence[bytes]):
    """The bytes of files below one folder.

    Attributes:
        folder: where the files are.
        names: path of each file inside the folder, with forward slashes.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self.folder, self.names = folder, tuple(names)

    def __len__(self) -> int:
        return len(self.names)

    @overload
    def __getitem__(self, index: SupportsIndex) -> bytes: ...

    @overload
    def __getitem__(self, index: slice) -> "ImageFiles": ...

    def __getitem__(self, index: SupportsIndex | slice) -> "bytes | ImageFiles":
        if isinstance(index, slice):
            return ImageFiles(self.folder, self.names[index])
        file = self.folder / self.names[index]
        try:
            return file.read_bytes()
        except OSError as error:
            remedy = "Put the file back, make it readable, or open the folder anew without it"
            raise DataError(f"cannot be read ({error.strerror})", file=file, remedy=remedy) from error
