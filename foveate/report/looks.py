"""Faces and attention maps for the figures of a report, from ``looks.npz``.

Legend: N faces, H x W pixels, h x w positions of a map.
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from jaxtyping import UInt8

from foveate.errors import DataError
from foveate.plots.attention import Look
from foveate.report.words import recipe_name

_REMEDY = "Write the file anew, or leave the figure of attention maps out"


@final
@dataclass(frozen=True)
class Looks:
    """What some networks attend to in the same N faces.

    Attributes:
        high: the sharp faces.
        low: the same faces as the students see them.
        networks: one a network.
    """

    high: UInt8[np.ndarray, "N H W 3"]
    low: UInt8[np.ndarray, "N H W 3"]
    networks: tuple[Look, ...]


def read_looks(file: Path) -> Looks:
    """Read ``high``, ``low``, ``models``, ``sharp`` and ``spatial_0``, ...; nothing in the file is executed.

    ``sharp`` says whose maps belong to the sharp faces; in older files, those of the model named "teacher" do. A model
    that sees other faces than these brings them as ``faces_0``, ...

    Raises:
        DataError: the file is missing or damaged, or its arrays do not go together.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            high, low, models = arrays["high"], arrays["low"], [str(name) for name in arrays["models"].ravel()]
            maps = [arrays[f"spatial_{place}"] for place in range(len(models))]
            own = {name: arrays[f"faces_{place}"] for place, name in enumerate(models) if f"faces_{place}" in arrays}
            known = arrays["sharp"].ravel().tolist() if "sharp" in arrays else [name == "teacher" for name in models]
            sharp = dict(zip(models, known, strict=True))
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, AttributeError, TypeError) as error:
        raise DataError(f"the faces and maps cannot be read ({error})", file=file, remedy=_REMEDY) from error
    if (
        high.ndim != 4
        or high.shape[-1] != 3
        or any(high.shape != other.shape for other in (low, *own.values()))
        or {high.dtype, low.dtype, *(other.dtype for other in own.values())} != {np.dtype(np.uint8)}
    ):
        shapes = f"high {high.shape} of {high.dtype}, low {low.shape} of {low.dtype}"
        raise DataError(f"{shapes}: these are not the same faces twice, as bytes", file=file, remedy=_REMEDY)
    if len(high) == 0:
        raise DataError("there are no faces", file=file, remedy=_REMEDY)
    for name, attention in zip(models, maps, strict=True):
        fits = attention.ndim == 3 and len(attention) == len(high) and attention.dtype.kind == "f" and attention.size
        if not fits or not np.isfinite(attention).all():
            raise DataError(
                f"{attention.shape} of {attention.dtype} is not one finite map for each of {len(high)} faces",
                file=file,
                record=name,
                remedy=_REMEDY,
            )
    networks = [
        Look(recipe_name(name), high if sharp[name] else own.get(name, low), attention.astype(np.float32))
        for name, attention in zip(models, maps, strict=True)
    ]
    return Looks(high, low, tuple(networks))
