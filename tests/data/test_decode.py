"""Decoding: every format gives RGB, every damage gives a DataError."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.errors import DataError


def _smooth(height: int = 24, width: int = 32) -> np.ndarray:
    """Red rises to the right, green rises downwards, blue is low."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns * 255 // width, rows * 255 // height, np.full_like(rows, 20)], axis=-1).astype(np.uint8)


def _saved(image: Image.Image, name: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, name, **options)
    return buffer.getvalue()


def _decoded(encoded: bytes, **options) -> np.ndarray:
    return decode(encoded, file="a.rec", record=7, **options)


@pytest.mark.parametrize("name", ["PNG", "BMP"])
def test_a_lossless_image_comes_back_exactly(name):
    image = _smooth()
    assert np.array_equal(_decoded(_saved(Image.fromarray(image), name)), image)


@pytest.mark.parametrize(("name", "options"), [("JPEG", {"quality": 95}), ("WEBP", {"quality": 95})])
def test_a_lossy_image_comes_back_closely_and_red_first(name, options):
    image = _smooth()
    decoded = _decoded(_saved(Image.fromarray(image), name, **options))
    assert decoded.dtype == np.uint8
    assert np.abs(decoded.astype(int) - image).mean() < 4


def test_what_encode_wrote_comes_back_closely_and_without_chroma_subsampling():
    image = _smooth()
    encoded = encode(image)
    assert np.abs(_decoded(encoded).astype(int) - image).mean() < 2
    frame = encoded.index(b"\xff\xc0")
    assert [encoded[frame + 11 + 3 * channel] for channel in range(3)] == [0x11, 0x11, 0x11]


def test_encode_takes_a_view_that_is_not_contiguous():
    image = _smooth()
    assert encode(image[:, ::-1]) == encode(image[:, ::-1].copy())


def test_a_lower_quality_gives_fewer_bytes():
    assert len(encode(_smooth(), quality=30)) < len(encode(_smooth(), quality=95))


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_a_grey_image_gets_three_equal_channels(name):
    decoded = _decoded(_saved(Image.fromarray(_smooth()[..., 0]), name))
    assert decoded.shape == (24, 32, 3)
    assert np.array_equal(decoded[..., 0], decoded[..., 1])
    assert np.array_equal(decoded[..., 0], decoded[..., 2])


def test_a_cmyk_jpeg_becomes_rgb():
    image = _smooth()
    encoded = _saved(Image.fromarray(image).convert("CMYK"), "JPEG", quality=95)
    assert np.abs(_decoded(encoded).astype(int) - image).mean() < 6


def test_a_palette_with_transparency_is_decoded_without_a_warning():
    image = Image.fromarray(_smooth()).convert("P")
    decoded = _decoded(_saved(image, "PNG", transparency=bytes(range(256))))
    assert np.array_equal(decoded, np.array(image.convert("RGB")))


def test_the_result_may_be_written_to():
    for name in ("JPEG", "PNG"):
        _decoded(_saved(Image.fromarray(_smooth()), name))[0, 0] = 0


@pytest.mark.parametrize("name", ["JPEG", "PNG", "BMP", "WEBP"])
def test_a_truncated_image_is_refused_with_file_record_and_remedy(name):
    encoded = _saved(Image.fromarray(_smooth()), name)
    with pytest.raises(DataError, match=r"a\.rec: record 7: the image cannot be decoded .*Replace") as caught:
        _decoded(encoded[: len(encoded) * 2 // 3])
    assert (caught.value.file, caught.value.record) == ("a.rec", 7)


@pytest.mark.parametrize("encoded", [b"", b"hello", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(20)])
def test_what_is_no_image_is_refused(encoded):
    with pytest.raises(DataError, match="cannot be decoded"):
        _decoded(encoded)


def test_a_corrupt_jpeg_is_refused():
    encoded = bytearray(encode(np.random.default_rng(0).integers(0, 256, (32, 32, 3), dtype=np.uint8)))
    encoded[len(encoded) // 2 : len(encoded) // 2 + 20] = bytes(20)
    with pytest.raises(DataError, match="cannot be decoded"):
        _decoded(bytes(encoded))


def test_an_image_of_16_bits_a_channel_is_refused_rather_than_clipped():
    with pytest.raises(DataError, match="more than 8 bits"):
        _decoded(_saved(Image.fromarray(np.full((4, 4), 40_000, np.uint16)), "PNG"))


def test_a_jpeg_that_declares_too_many_pixels_is_refused_before_decoding():
    encoded = bytearray(encode(_smooth()))
    frame = encoded.index(b"\xff\xc0")
    encoded[frame + 5 : frame + 9] = struct.pack(">HH", 65_000, 65_000)
    with pytest.raises(DataError, match=r"65000 x 65000 pixels, more than 16,777,216\. Shrink"):
        _decoded(bytes(encoded))


def test_a_png_that_declares_too_many_pixels_is_refused_before_decoding():
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    with pytest.raises(DataError, match="pixels"):
        _decoded(bomb + struct.pack(">I", 0) + b"IEND" + struct.pack(">I", zlib.crc32(b"IEND")))


def test_the_pixel_limit_is_the_callers_choice():
    encoded = encode(_smooth(24, 32))
    assert _decoded(encoded, max_pixels=24 * 32).shape == (24, 32, 3)
    with pytest.raises(DataError, match="24 x 32 pixels, more than 767"):
        _decoded(encoded, max_pixels=24 * 32 - 1)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(["JPEG", "PNG", "BMP", "WEBP"]), st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255))))
def test_flipped_bytes_give_an_image_or_a_data_error(name, changes):
    encoded = bytearray(_saved(Image.fromarray(_smooth()), name))
    for place, value in changes:
        encoded[int(place * (len(encoded) - 1))] = value
    try:
        decoded = _decoded(bytes(encoded), max_pixels=1 << 16)
    except DataError:
        return
    assert decoded.shape[2] == 3
    assert decoded.dtype == np.uint8


@pytest.mark.parametrize("padding", [bytes(5), b"\xff\xff\x00"])
def test_padding_before_the_end_of_a_jpeg_is_passed_over_and_data_that_were_lost_are_not(padding):
    whole = _saved(Image.fromarray(_smooth()), "JPEG")
    assert np.array_equal(_decoded(whole[:-2] + padding + whole[-2:]), _decoded(whole))
    with pytest.raises(DataError, match="cannot be decoded"):
        _decoded(whole[:-60] + bytes(58) + whole[-2:])
