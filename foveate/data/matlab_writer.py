"""Lists as MATLAB files (version 5, packed), as public face sets bring them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from scipy.io import savemat

from foveate.files import replacing


def write_matlab(file: Path, variables: Mapping[str, object]) -> None:
    """Write variables: arrays, cell arrays (``cells``), and mappings, which become structures."""
    with replacing(file) as (target,):
        savemat(target, dict(variables), do_compression=True)


def cells(rows: Sequence[Sequence[object]]) -> np.ndarray:
    """A cell array of as many rows as given, all of one length."""
    found = np.empty((len(rows), len(rows[0]) if rows else 0), dtype=object)
    for number, row in enumerate(rows):
        found[number] = list(row)
    return found
