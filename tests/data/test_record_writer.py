"""Writing RecordIO: MXNet's bytes, whole files or none, and every payload comes back."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import MAGIC_BYTES, RecordIO, pack_image, unpack_image
from foveate.errors import DataError


def test_the_bytes_are_those_of_mxnet(golden, tmp_path):
    source = golden / "recordio/odd.rec", golden / "recordio/odd.idx"
    records = RecordIO(*source)
    with RecordWriter(tmp_path / "odd.rec", tmp_path / "odd.idx") as writer:
        for key in records.keys.tolist():
            writer.write(key, records.read(key))
    assert (tmp_path / "odd.rec").read_bytes() == source[0].read_bytes()
    assert (tmp_path / "odd.idx").read_bytes() == source[1].read_bytes()


def test_image_payloads_are_packed_as_mxnet_does(golden):
    records = RecordIO(golden / "recordio/odd.rec", golden / "recordio/odd.idx")
    scalar, vector = records.read(10), records.read(11)
    assert pack_image(7.0, bytes(unpack_image(scalar)[1]), id=10, id2=3) == scalar
    assert pack_image((3.0, 1.0), bytes(unpack_image(vector)[1]), id=11) == vector


pieces = st.sampled_from([MAGIC_BYTES, MAGIC_BYTES[:2], MAGIC_BYTES[2:], b"a", b"abcd", MAGIC_BYTES * 2, bytes(3)])
payloads = st.lists(st.lists(pieces, max_size=12).map(b"".join) | st.binary(max_size=40), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(payloads)
def test_payloads_built_of_magics_come_back(contents):
    with TemporaryDirectory() as folder:
        rec, idx = Path(folder, "a.rec"), Path(folder, "a.idx")
        with RecordWriter(rec, idx) as writer:
            for key, payload in enumerate(contents):
                writer.write(key, payload)
        for records in (RecordIO(rec, idx), RecordIO(rec)):
            assert [records.read(key) for key in records.keys.tolist()] == contents


def _write(writer, records):
    for key, payload in records:
        writer.write(key, payload)


def test_an_error_leaves_no_file_behind(tmp_path):
    with pytest.raises(TypeError), RecordWriter(tmp_path / "a.rec", tmp_path / "a.idx") as writer:
        _write(writer, [(1, b"one"), (2, None)])
    assert list(tmp_path.iterdir()) == []


def test_a_key_written_twice_is_refused(tmp_path):
    with (
        pytest.raises(DataError, match=r"a\.rec: record 1: the key was written before"),
        RecordWriter(tmp_path / "a.rec", tmp_path / "a.idx") as writer,
    ):
        _write(writer, [(1, b"one"), (1, b"two")])


class _Long(bytes):
    """Claims a length that the format does not allow, without the memory."""

    def __len__(self):
        return 1 << 29


def test_a_payload_too_long_for_the_format_is_refused(tmp_path):
    with (
        pytest.raises(DataError, match="536,870,912 bytes, the format allows 536,870,911"),
        RecordWriter(tmp_path / "a.rec", tmp_path / "a.idx") as writer,
    ):
        writer.write(1, _Long())
