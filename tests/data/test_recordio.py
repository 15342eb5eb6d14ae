"""RecordIO: what MXNet wrote is read, and what does not fit is refused."""

import json
import multiprocessing
import pickle
import struct

import numpy as np
import pytest

from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import MAGIC_BYTES, ImageHeader, RecordIO, pack_image, unpack_image
from foveate.errors import DataError

PAYLOADS = {3: b"three", 1: b"", 40: b"AAAA" + MAGIC_BYTES + b"BBBB" + MAGIC_BYTES, 2: MAGIC_BYTES * 3}


@pytest.fixture
def files(tmp_path):
    rec, idx = tmp_path / "a.rec", tmp_path / "a.idx"
    with RecordWriter(rec, idx) as writer:
        for key, payload in PAYLOADS.items():
            writer.write(key, payload)
    return rec, idx


def _part(kind: int, data: bytes) -> bytes:
    return MAGIC_BYTES + struct.pack("<I", kind << 29 | len(data)) + data + bytes(-len(data) % 4)


def _replace_line(idx, number, line):
    lines = idx.read_text().splitlines()
    lines[number] = line
    idx.write_text("\n".join(lines) + "\n")


def test_payloads_written_by_mxnet_are_read(golden):
    payloads = json.loads((golden / "recordio/odd.json").read_text())
    records = RecordIO(golden / "recordio/odd.rec", golden / "recordio/odd.idx")
    assert records.keys.tolist() == list(range(1, 12))
    for key, payload in payloads.items():
        assert records.read(int(key)).hex() == payload


def test_scanning_finds_the_records_of_mxnet_without_an_index(golden):
    with_index = RecordIO(golden / "recordio/odd.rec", golden / "recordio/odd.idx")
    scanned = RecordIO(golden / "recordio/odd.rec")
    assert scanned.keys.tolist() == list(range(11))
    assert [scanned.read(key) for key in range(11)] == [with_index.read(key) for key in range(1, 12)]


def test_image_records_of_mxnet_are_unpacked(golden):
    records = RecordIO(golden / "recordio/odd.rec", golden / "recordio/odd.idx")
    scalar, image = unpack_image(records.read(10))
    assert scalar == ImageHeader(flag=0, labels=(7.0,), id=10, id2=3)
    assert bytes(image[:3]) == b"\xff\xd8\xff"
    vector, image = unpack_image(records.read(11))
    assert vector == ImageHeader(flag=2, labels=(3.0, 1.0), id=11, id2=0)
    assert bytes(image[:3]) == b"\xff\xd8\xff"


def test_an_image_payload_packs_and_unpacks():
    assert unpack_image(pack_image(3.0, b"image", id=5, id2=6)) == (ImageHeader(0, (3.0,), 5, 6), b"image")
    assert unpack_image(pack_image((1.0, 2.0), b"", id=5)) == (ImageHeader(2, (1.0, 2.0), 5, 0), b"")


def test_a_payload_shorter_than_its_header_is_refused():
    with pytest.raises(DataError, match=r"a\.rec: record 4: 5 bytes are too few"):
        unpack_image(b"short", file="a.rec", record=4)
    with pytest.raises(DataError, match="announces 1000 labels"):
        unpack_image(struct.pack("<IfQQ", 1000, 0, 0, 0))


def test_records_are_found_by_key_in_any_order(files):
    records = RecordIO(*files)
    assert records.keys.tolist() == list(PAYLOADS)
    assert len(records) == len(PAYLOADS)
    assert {key: records.read(key) for key in sorted(PAYLOADS)} == PAYLOADS
    assert 40 in records
    assert 41 not in records
    assert "40" not in records


def test_an_unknown_key_is_refused(files):
    with pytest.raises(DataError, match=r"a\.idx: record 41: there is no record of this key"):
        RecordIO(*files).read(41)


def test_heads_are_the_first_words_of_the_payloads(tmp_path):
    payloads = [b"12345678", MAGIC_BYTES + b"abcdefgh", b"abcd" + MAGIC_BYTES, b"longer than needed"]
    with RecordWriter(tmp_path / "a.rec", tmp_path / "a.idx") as writer:
        for key, payload in enumerate(payloads):
            writer.write(key, payload)
    records = RecordIO(tmp_path / "a.rec", tmp_path / "a.idx")
    keys = np.array([3, 1, 0, 2])
    expected = [np.frombuffer(payloads[key][:8], "<u4").tolist() for key in keys]
    assert records.heads(keys, 2).tolist() == expected
    assert records.heads(keys[:0], 2).shape == (0, 2)


def test_heads_longer_than_a_payload_are_refused(files):
    with pytest.raises(DataError, match=r"a\.rec: record 3: the record has 5 bytes"):
        RecordIO(*files).heads(np.array([2, 3]), 2)


def test_a_truncated_record_is_refused_with_its_offset(files):
    rec, idx = files
    content = rec.read_bytes()
    rec.write_bytes(content[:-1])
    records = RecordIO(rec, idx)
    assert records.read(3) == b"three"
    with pytest.raises(DataError, match=r"a\.rec: record 2: .* inside the part header at byte"):
        records.read(2)
    with pytest.raises(DataError, match=r"a\.rec: record 2: "):
        records.heads(np.array([3, 40, 2]), 1)
    with pytest.raises(DataError, match=r"a\.rec: record 3: .* Copy the \.rec again"):
        RecordIO(rec)
    rec.write_bytes(content[:12])
    idx.write_text("3\t0\n")
    with pytest.raises(DataError, match=r"record 3: the part at byte 0 should end at byte 13, the file at 12 already"):
        RecordIO(rec, idx).read(3)


@pytest.mark.parametrize(
    ("parts", "problem"),
    [
        ([_part(1, b"abcd"), _part(0, b"x")], "the part at byte 12 is of kind 0"),
        ([_part(1, b"abcd")], "the file ends"),
        ([_part(1, b"abcd"), b"\0" * 8], "the part at byte 12 starts with 0x00000000, not 0xced7230a"),
        ([_part(1, b"abcd"), _part(2, b""), _part(1, b"")], "the part at byte 20 is of kind 1"),
    ],
)
def test_parts_in_a_wrong_order_are_refused(tmp_path, parts, problem):
    (tmp_path / "a.rec").write_bytes(b"".join(parts))
    (tmp_path / "a.idx").write_text("7\t0\n")
    with pytest.raises(DataError, match=rf"a\.rec: record 7: {problem}"):
        RecordIO(tmp_path / "a.rec", tmp_path / "a.idx").read(7)
    with pytest.raises(DataError, match=rf"a\.rec: record 0: {problem}"):
        RecordIO(tmp_path / "a.rec")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("1\t4", "no record starts at byte 4"),
        ("1\t36", "byte 36 lies inside a record of several parts"),
        ("1\t400000", "offset 400000 lies outside a.rec"),
        ("1\t-4", "offset -4 lies outside"),
        ("1\t17", "offset 17 is not a multiple of 4"),
        ("40\t16", "the key stands in the index twice"),
    ],
)
def test_an_index_that_does_not_fit_is_refused_with_its_key_and_a_remedy(files, line, problem):
    _replace_line(files[1], 1, line)
    key = line.split("\t")[0]
    with pytest.raises(DataError, match=rf"a\.idx: record {key}: {problem}.*Use the \.idx and \.rec"):
        RecordIO(*files).read(int(key))


def test_an_index_of_another_file_is_refused_by_heads_as_well(files):
    _replace_line(files[1], 1, "1\t4")
    with pytest.raises(DataError, match=r"a\.idx: record 1: no record starts"):
        RecordIO(*files).heads(np.array([3, 1]), 1)


@pytest.mark.parametrize("text", ["1\tzero\n", "1\n", "1\t2\t3\n", "1\t0\n2\n", "", "\n", "1\t1e3\n", f"1\t{10**30}\n"])
def test_an_index_of_other_lines_is_refused(files, text):
    files[1].write_text(text)
    with pytest.raises(DataError, match=r"a\.idx: "):
        RecordIO(*files)


def test_missing_and_empty_files_are_refused(files, tmp_path):
    rec, idx = files
    with pytest.raises(DataError, match=r"b\.rec: cannot be opened"):
        RecordIO(tmp_path / "b.rec", idx)
    with pytest.raises(DataError, match=r"b\.idx: cannot be opened"):
        RecordIO(rec, tmp_path / "b.idx")
    rec.write_bytes(b"")
    with pytest.raises(DataError, match=r"a\.rec: the file is empty"):
        RecordIO(rec, idx)


def test_a_pickled_reader_maps_the_file_anew(files):
    pickled = pickle.dumps(RecordIO(*files))
    copy = pickle.loads(pickled)
    assert {key: copy.read(key) for key in PAYLOADS} == PAYLOADS
    files[0].write_bytes(files[0].read_bytes() + b"more")
    with pytest.raises(DataError, match="when it was first opened"):
        pickle.loads(pickled)


def test_a_forked_worker_reads_from_the_inherited_map(files):
    records = RecordIO(*files)
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send({key: records.read(key) for key in PAYLOADS}))
    process.start()
    assert receiver.poll(10)
    assert receiver.recv() == PAYLOADS
    process.join()
    assert {key: records.read(key) for key in PAYLOADS} == PAYLOADS
