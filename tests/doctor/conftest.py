"""What the tests of the doctor share: drawn faces, and sets made of them with one thing wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.data.encode import encode
from foveate.data.synthetic.faces import SyntheticFaces

PEOPLE, EACH = 20, 3


@pytest.fixture(scope="session")
def faces() -> np.ndarray:
    """Sixty drawn faces, three each of twenty people, person by person, with their eyes where the template has them."""
    number = torch.arange(PEOPLE * EACH)
    drawn = SyntheticFaces(3).render(number // EACH, number % EACH).numpy()
    pictures = np.stack([moved(face, 1.2, 0, 4) for face in drawn])
    pictures.flags.writeable = False
    return pictures


@pytest.fixture(scope="session")
def move() -> Callable[..., np.ndarray]:
    """Enlarges a face about its middle and moves it."""
    return moved


def moved(face: np.ndarray, scale: float, right: float, down: float) -> np.ndarray:
    left, top = (56 - (56 + offset) / scale for offset in (right, down))
    box = (left, top, left + 112 / scale, top + 112 / scale)
    picture = Image.fromarray(face).transform((112, 112), Image.Transform.EXTENT, box, Image.Resampling.BILINEAR)
    return np.asarray(picture)


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Writes pixels, or encoded images, as identity folders with three images each."""

    def write(images: list, name: str = "set", each: int = EACH) -> Path:
        for number, image in enumerate(images):
            file = tmp_path / name / f"person_{number // each:02d}" / f"{number % each}.jpg"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(image if isinstance(image, bytes) else encode(image))
        return tmp_path / name

    return write
