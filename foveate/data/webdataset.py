"""Training images in the shards of a WebDataset: tar files that may lie on several disks.

Legend: N images.

The format is that of github.com/webdataset/webdataset. Its own reader streams through shards and shuffles in a buffer;
this one knows where each image lies, so that the order of a training run stays exact.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import final

import numpy as np

from foveate.data.class_names import number_classes
from foveate.data.labelled import LabelledImages
from foveate.data.shard_index import read_shard_index
from foveate.data.shards import find_shards
from foveate.errors import DataError


@final
class WebDataset(LabelledImages):
    """The samples of all shards in order of the shards' file names; classes as ``number_classes`` orders them."""

    def __init__(self, path: Path) -> None:
        """Read where the images of all shards lie.

        Args:
            path: a folder of .tar files, one such file, a glob pattern, or ``shards.txt`` with one of these in each
                line (``foveate.data.shards``).

        Raises:
            DataError: there are no shards, one is damaged, or there are fewer than two classes.
        """
        self.path = path
        self._shards = find_shards(path)
        indexes = [read_shard_index(shard) for shard in self._shards]
        self.labels, self.classes = number_classes(np.concatenate([each.stated for each in indexes]), file=path)
        self._keys = np.concatenate([each.keys for each in indexes])
        self._offsets = np.concatenate([each.offsets for each in indexes])
        self._sizes = np.concatenate([each.sizes for each in indexes])
        self._shard = np.repeat(np.arange(len(indexes), dtype=np.int32), [len(each.keys) for each in indexes])

    def encoded(self, index: int) -> bytes:
        shard, size = self._shards[self._shard[index]], int(self._sizes[index])
        try:
            with shard.open("rb", buffering=0) as file:
                file.seek(int(self._offsets[index]))
                content = file.read(size)
        except OSError as error:
            remedy = "Put the shard back, or open the data set anew without it"
            raise DataError(f"cannot be read ({error.strerror})", file=shard, remedy=remedy) from error
        if len(content) != size:
            remedy = "Copy it again, to its end"
            raise DataError("the shard ends inside of the image", file=shard, record=self.record(index), remedy=remedy)
        return content

    def files(self) -> Iterable[Path]:
        return self._shards

    def record(self, index: int) -> str:
        return f"{self._shards[self._shard[index]].name}/{self._keys[index].decode(errors='surrogateescape')}"
