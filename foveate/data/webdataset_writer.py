"""Writing training images as the shards of a WebDataset."""

import io
import itertools
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from foveate.errors import DataError
from foveate.files import replacing

_PNG: Final = b"\x89PNG"


def write_webdataset(folder: Path, images: Iterable[tuple[bytes, int]], *, per_shard: int = 10_000) -> tuple[Path, ...]:
    """Write shard-000000.tar, shard-000001.tar, ... with ``key.jpg`` (or png) and ``key.cls`` for each image.

    Headers hold no times and no names of users, so the same images are the same bytes.

    Args:
        folder: where to write; made if missing.
        images: encoded image (JPEG or PNG) and class number of each.
        per_shard: images in a shard.

    Returns:
        The shards.

    Raises:
        DataError: a label is no class number, or a shard would hold nothing.
    """
    if per_shard < 1:
        raise DataError(f"a shard of {per_shard} images", file=folder, remedy="Give each shard one image or more")
    numbered, shards = enumerate(images), list[Path]()
    while first := list(itertools.islice(numbered, 1)):
        shard = folder / f"shard-{len(shards):06d}.tar"
        with replacing(shard) as (file,), tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            for number, (image, label) in itertools.chain(first, itertools.islice(numbered, per_shard - 1)):
                if label < 0:
                    raise DataError(f"the label {label}", file=shard, record=number, remedy="Number classes from 0 on")
                _add(archive, f"{number:09d}.{'png' if image.startswith(_PNG) else 'jpg'}", image)
                _add(archive, f"{number:09d}.cls", str(label).encode())
        shards.append(shard)
    return tuple(shards)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))
