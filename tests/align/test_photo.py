"""Photos as cameras give them: turned, grey, in CMYK, transparent, damaged, huge."""

import io

import numpy as np
import pytest
from PIL import Image, ImageOps

from foveate.align import photo as photo_module
from foveate.align.photo import read_photo
from foveate.errors import DataError

PIXELS = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)


def _saved(image: Image.Image, name: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def _turned(orientation: int, name: str = "PNG") -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return _saved(Image.fromarray(PIXELS), name, exif=exif)


@pytest.mark.parametrize("orientation", range(10))
def test_a_photo_is_turned_upright_as_pillow_turns_it(orientation):
    encoded = _turned(orientation)
    with Image.open(io.BytesIO(encoded)) as image:
        want = np.asarray(ImageOps.exif_transpose(image))
    found = read_photo(encoded, file="a.png")
    assert np.array_equal(found, want)
    assert found.flags["C_CONTIGUOUS"]


def test_a_jpeg_of_a_camera_held_upright_is_turned():
    assert read_photo(_turned(6, "JPEG"), file="a.jpg").shape == (7, 5, 3)


def test_a_damaged_note_on_orientation_is_passed_over():
    encoded = _turned(6, "JPEG")
    place = encoded.index(b"Exif\x00\x00")
    damaged = encoded[: place + 6] + b"\xff" * 8 + encoded[place + 14 :]
    assert read_photo(damaged, file="a.jpg").shape == (5, 7, 3)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P", "1", "LA"])
def test_other_colours_become_rgb(mode):
    name = "JPEG" if mode in ("L", "CMYK") else "PNG"
    assert read_photo(_saved(Image.fromarray(PIXELS).convert(mode), name), file="a").shape == (5, 7, 3)


def test_damaged_and_huge_photos_are_refused(monkeypatch):
    with pytest.raises(DataError, match=r"a\.jpg: the image cannot be decoded"):
        read_photo(b"\xff\xd8\xff\xe0", file="a.jpg")
    monkeypatch.setattr(photo_module, "MAX_PIXELS", 34)
    with pytest.raises(DataError, match=r"5 x 7 pixels, more than 34\. Shrink"):
        read_photo(_turned(1), file="a.png")
