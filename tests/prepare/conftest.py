"""What the tests of preparing share: tiny encoded images."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from foveate.data.encode import encode


@pytest.fixture(scope="session")
def noise() -> Callable[[int, int], bytes]:
    """A JPEG of noise for each seed."""

    def make(seed: int, side: int = 112) -> bytes:
        return encode(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8), quality=50)

    return make


@pytest.fixture
def people(tmp_path: Path, noise: Callable[[int, int], bytes]) -> Path:
    """Identity folders with names of all kinds; one has two files that differ in their suffix only."""
    files = ["Zoë/a.jpg", "Zoë/b.jpg", "ann b/1.jpg", "ann b/1.jpeg", "Bob_C/x.y.jpg", "10/z.jpg", "9/q.jpg", "9/r.jpg"]
    for number, name in enumerate(files):
        file = tmp_path / "people" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(noise(number, 112))
    return tmp_path / "people"


def tree(folder: Path) -> dict[str, bytes]:
    """The content of every file below a folder, but manifests."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "manifest.json")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


@pytest.fixture
def tree_of() -> Callable[[Path], dict[str, bytes]]:
    return tree
