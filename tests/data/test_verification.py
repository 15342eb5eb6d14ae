"""Verification sets: seven ways to write four pairs, and everything else refused without running it."""

import io
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.pairs import VerificationPairs
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import DataError

GOOD = [
    "numpy_arrays",
    "numpy_bools",
    "py2_protocol2",
    "py3_protocol2",
    "py3_protocol3",
    "py3_protocol4",
    "py3_protocol5",
]
BAD = {
    "hostile_os_system": "the name posix.system",
    "truncated": "damaged or cut short",
    "odd_count": "7 images do not go with 4 truth values",
    "not_an_image": "record 0: image 0 begins with b'hello', so it is neither JPEG, PNG, BMP nor WebP",
}


@pytest.fixture
def write(tmp_path):
    def write(value, protocol=4):
        (tmp_path / "set.bin").write_bytes(pickle.dumps(value, protocol=protocol))
        return tmp_path / "set.bin"

    return write


@pytest.mark.parametrize("name", GOOD)
def test_the_same_four_pairs_are_read_however_they_were_pickled(golden, name):
    pairs = read_verification_bin(golden / f"verification_bin/{name}.bin", folds=2)
    images, same = pickle.loads((golden / "verification_bin/py3_protocol4.bin").read_bytes())
    assert [pairs.images[i] for i in pairs.left] == images[0::2]
    assert [pairs.images[i] for i in pairs.right] == images[1::2]
    assert pairs.same.tolist() == same == [True, True, False, False]
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    assert (pairs.name, len(pairs), len(pairs.images)) == (name, 4, 7)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_without_a_side_effect(golden, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=rf"{name}\.bin: .*{BAD[name]}") as caught:
        read_verification_bin(golden / f"verification_bin/{name}.bin", folds=2)
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_the_shared_set_is_read(shared):
    pairs = read_verification_bin(shared / "data/faces/celeba_held.bin")
    assert len(pairs) == 3000
    assert [pairs.same[pairs.fold == fold].sum() for fold in range(10)] == [150] * 10
    assert decode(pairs.images[pairs.left[0]], file=None, record=None).shape == (112, 112, 3)


@pytest.mark.parametrize("truths", [[1, 0], (True, False), np.array([1, 0]), [np.True_, np.False_], [np.int64(1), 0]])
def test_truth_values_may_be_written_in_many_ways(write, noise_jpeg, truths):
    path = write(([noise_jpeg(i) for i in range(4)], truths))
    assert read_verification_bin(path, folds=1).same.tolist() == [True, False]


def test_an_array_of_objects_may_hold_the_images(write, noise_jpeg):
    images = np.empty(2, object)
    images[:] = [noise_jpeg(0), np.frombuffer(noise_jpeg(1), np.uint8)]
    assert read_verification_bin(write((images, [True])), folds=1).images == (noise_jpeg(0), noise_jpeg(1))


@pytest.mark.parametrize("kind", ["PNG", "BMP", "WEBP"])
def test_other_images_than_jpeg_are_welcome(write, kind):
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, kind)
    assert len(read_verification_bin(write(([buffer.getvalue()] * 2, [True])), folds=1).images) == 1


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "two lists"),
        (None, "two lists"),
        (([], [], []), "two lists"),
        ((b"ab", [True]), "two lists"),
        (([], []), "0 images do not go with 0 truth values"),
        (([b"\xff\xd8\xff", "text"], [True]), "record 0: image 1 is a str"),
        (([b"\xff\xd8\xff", []], [True]), "record 0: image 1 is a list"),
        (([b"\xff\xd8\xff"] * 4, [True, 2]), "record 1: the truth value is 2"),
        (([b"\xff\xd8\xff"] * 4, [True, None]), "record 1: the truth value is a NoneType"),
        (([b"\xff\xd8\xff"] * 2, [[]]), "record 0: the truth value is a list"),
    ],
)
def test_other_contents_are_refused(write, value, problem):
    with pytest.raises(DataError, match=problem):
        read_verification_bin(write(value), folds=1)


def test_fewer_pairs_than_folds_are_refused(write, noise_jpeg):
    with pytest.raises(DataError, match="1 pairs cannot be cut into 10 folds"):
        read_verification_bin(write(([noise_jpeg(0)] * 2, [True])))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"no\.bin: cannot be opened"):
        read_verification_bin(tmp_path / "no.bin")
    with pytest.raises(DataError, match="cannot be opened"):
        read_verification_bin(tmp_path)


def _pairs(images, fold=(0, 0, 1, 1)):
    same = np.array([True, False, True, False])
    return VerificationPairs("set", images, np.array([0, 1, 2, 0]), np.array([1, 2, 2, 2]), same, np.array(fold))


def test_what_is_written_is_read_by_this_reader_and_by_plain_pickle(tmp_path, noise_jpeg):
    images = [noise_jpeg(i) for i in range(3)]
    write_verification_bin(tmp_path / "set.bin", _pairs(images), folds=2)
    pairs = read_verification_bin(tmp_path / "set.bin", folds=2)
    assert (pairs.left.tolist(), pairs.right.tolist()) == ([0, 1, 2, 0], [1, 2, 2, 2])
    assert list(pairs.images) == images
    assert pairs.fold.tolist() == [0, 0, 1, 1]
    with (tmp_path / "set.bin").open("rb") as file:
        encoded, same = pickle.load(file, encoding="bytes")
    assert encoded == [images[i] for i in (0, 1, 1, 2, 2, 2, 0, 2)]
    assert same == [True, False, True, False]
    assert all(type(item) is bool for item in same)


def test_folds_that_the_format_cannot_keep_are_refused(tmp_path, noise_jpeg):
    images = [noise_jpeg(i) for i in range(3)]
    with pytest.raises(DataError, match="the folds are not contiguous"):
        write_verification_bin(tmp_path / "set.bin", _pairs(images, fold=(0, 1, 0, 1)), folds=2)
    with pytest.raises(DataError, match="in 2 folds, and the format keeps none: it is read in 10"):
        write_verification_bin(tmp_path / "set.bin", _pairs(images))
    assert list(tmp_path.iterdir()) == []


def _sound_files() -> list[bytes]:
    images = [encode(np.full((8, 8, 3), 20 * i, np.uint8), quality=20)[:60] for i in range(4)]
    arrays = [np.frombuffer(image, np.uint8) for image in images]
    forms = [(images, [True, False]), (images, [np.True_, np.False_]), (arrays, np.array([True, False]))]
    return [pickle.dumps(form, protocol=protocol) for form in forms for protocol in (2, 3, 4)]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("flipped") / "set.bin"


changes = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=6)


@settings(max_examples=600, deadline=None, derandomize=True, database=None)
@given(st.sampled_from(_sound_files()), changes)
def test_flipped_bytes_load_or_give_a_data_error(scratch, sound, changes):
    damaged = bytearray(sound)
    for place, value in changes:
        damaged[int(place * (len(damaged) - 1))] = value
    scratch.write_bytes(damaged)
    try:
        pairs = read_verification_bin(scratch, folds=1)
    except DataError:
        return
    assert max(pairs.left.max(), pairs.right.max()) < len(pairs.images)
    assert all(isinstance(image, bytes) for image in pairs.images)
