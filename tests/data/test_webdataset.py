"""Shards of samples: images and labels by key, random access, and the index kept beside a large shard."""

import io
import json
import os
import tarfile

import numpy as np
import pytest

from foveate.data import shard_index
from foveate.data.exact_size import ExactSize
from foveate.data.loader import batches
from foveate.data.open import open_training_set
from foveate.data.shard_index import index_file, read_shard_index
from foveate.data.webdataset import WebDataset
from foveate.data.webdataset_writer import write_webdataset
from foveate.errors import DataError


def _tar(path, members):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


@pytest.fixture
def written(tmp_path, noise_jpeg):
    """Seven images of three classes in shards of two."""
    images = [(noise_jpeg(number), number % 3) for number in range(7)]
    return images, write_webdataset(tmp_path / "shards", images, per_shard=2)


def test_what_was_written_is_read_in_its_order(written):
    images, shards = written
    assert [shard.name for shard in shards] == [f"shard-00000{number}.tar" for number in range(4)]
    opened = open_training_set(shards[0].parent)
    assert isinstance(opened, WebDataset)
    assert [opened.encoded(index) for index in range(7)] == [image for image, _ in images]
    assert opened.labels.tolist() == [label for _, label in images]
    assert opened.classes == ("0", "1", "2")
    assert opened.record(2) == "shard-000001.tar/000000002"
    assert [*opened.files()] == [*shards]


def test_the_same_images_are_the_same_bytes_and_other_readers_know_them(written, tmp_path):
    images, shards = written
    again = write_webdataset(tmp_path / "again", iter(images), per_shard=2)
    assert [one.read_bytes() for one in again] == [one.read_bytes() for one in shards]
    with tarfile.open(shards[3]) as archive:
        assert archive.getnames() == ["000000006.jpg", "000000006.cls"]


def test_labels_are_read_from_cls_or_from_json_and_other_files_are_passed_over(tmp_path):
    members = {
        "d.e/a.jpg": b"A",
        "d.e/a.cls": b" 007\n",
        "d.e/a.txt": b"a caption",
        "d.e/a.seg.png": b"another image",
        "b.PNG": b"B",
        "b.json": json.dumps({"width": 3, "label": 12}).encode(),
        "c.json": json.dumps({"class": "7"}).encode(),
        "c.cls": b"9",
        "c.jpeg": b"C",
        "e.cls": b"9",
        "e.json": json.dumps({"cls": 1}).encode(),
        "e.webp": b"E",
        "f.json": b'{"url": "somewhere"}',
        "f.cls": b"7",
        "f.jpg": b"F",
    }
    opened = WebDataset(_tar(tmp_path / "x.tar", members))
    assert [opened.record(index) for index in range(5)] == [f"x.tar/{key}" for key in ("d.e/a", "b", "c", "e", "f")]
    assert [opened.encoded(index) for index in range(5)] == [b"A", b"B", b"C", b"E", b"F"]
    assert opened.classes == ("7", "9", "12")
    assert opened.labels.tolist() == [0, 2, 1, 1, 0]


def test_a_name_that_is_no_utf_8_names_its_image(tmp_path):
    members = {"Jos\udce9.jpg": b"A", "Jos\udce9.cls": b"1", "b.jpg": b"B", "b.cls": b"2"}
    opened = WebDataset(_tar(tmp_path / "x.tar", members))
    assert [opened.record(index) for index in range(2)] == ["x.tar/Jos\udce9", "x.tar/b"]


def test_labels_that_are_names_are_sorted(tmp_path):
    members = {
        "a.jpg": b"A",
        "a.cls": b"zoe",
        "b.jpg": b"B",
        "b.json": b'{"label": "\\u00e4nn"}',
        "c.jpg": b"C",
        "c.cls": b"5",
    }
    opened = WebDataset(_tar(tmp_path / "x.tar", members))
    assert (opened.classes, opened.labels.tolist()) == (("5", "zoe", "änn"), [1, 2, 0])


@pytest.mark.parametrize(
    ("members", "problem"),
    [
        ({"a.jpg": b"A"}, "record a: the sample has no label"),
        ({"a.cls": b"1"}, "record a: the sample has no image"),
        ({"a.jpg": b"A", "a.png": b"A", "a.cls": b"1"}, "record a: the sample has two images"),
        ({"a.jpg": b"A", "a.cls": b"1", "a.CLS": b"1"}, "record a: the sample has two labels"),
        ({"a.jpg": b"A", "a.cls": b""}, r"record a\.cls: it holds no label"),
        ({"a.jpg": b"A", "a.cls": b"-1"}, "it holds no label"),
        ({"a.jpg": b"A", "a.cls": b"9" * 5000}, "it holds no label"),
        ({"a.jpg": b"A", "a.cls": b"a" * 500}, "it holds no label"),
        ({"a.jpg": b"A", "a.cls": b"\xff"}, "it holds no label"),
        ({"a.jpg": b"A", "a.json": b'{"url": 1}'}, "record a: the sample has no label"),
        ({"a.jpg": b"A", "a.json": b"{"}, r"record a\.json: it holds no label"),
        ({"a.jpg": b"A", "a.json": b"[" * 100_000}, "it holds no label"),
        ({"a.jpg": b"A", "a.json": b"[3]"}, "it holds no label"),
        ({"a.jpg": b"A", "a.json": b'{"label": true}'}, "it holds no label"),
        ({"a.jpg": b"A", "a.json": b'{"label": 1.5}'}, "it holds no label"),
        ({"a.jpg": b"A", "a.cls": b"1"}, "there is one class only, 1"),
        ({}, "there are no images"),
    ],
)
def test_samples_that_are_not_whole_are_refused_by_their_key(tmp_path, members, problem):
    with pytest.raises(DataError, match=problem):
        WebDataset(_tar(tmp_path / "x.tar", members))


def test_shards_on_several_disks_are_one_set_in_the_same_order(written, tmp_path):
    images, shards = written
    whole = WebDataset(shards[0].parent)
    state = whole.state()
    (tmp_path / "disk2").mkdir()
    shards[1].rename(tmp_path / "disk2" / shards[1].name)
    (tmp_path / "shards.txt").write_text("disk2\nshards\n")
    for path in (tmp_path / "shards.txt", tmp_path / "*/shard-*.tar"):
        apart = open_training_set(path)
        assert apart.fingerprint() == whole.fingerprint()
        assert apart.state() == state
        assert [apart.encoded(index) for index in range(7)] == [image for image, _ in images]
        assert [apart.record(index) for index in range(7)] == [whole.record(index) for index in range(7)]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_loader_draws_the_same_batches_as_from_any_other_reader(written, workers):
    images, shards = written
    drawn = list(batches(WebDataset(shards[0].parent), batch=3, framing=ExactSize(8), seed=1, epoch=2, workers=workers))
    order = np.concatenate([position.numpy() for _, _, position in drawn]).tolist()
    assert order != sorted(order)
    assert [int(label) for _, labels, _ in drawn for label in labels] == [images[position][1] for position in order]


def test_an_image_that_was_cut_off_or_a_shard_that_went_away_is_an_error(written):
    _, shards = written
    opened = WebDataset(shards[0].parent)
    os.truncate(shards[0], 600)
    with pytest.raises(DataError, match=r"record shard-000000\.tar/000000000: the shard ends inside of the image"):
        opened.encoded(0)
    shards[1].unlink()
    with pytest.raises(DataError, match=r"shard-000001\.tar: cannot be read \(No such file"):
        opened.encoded(2)


@pytest.fixture
def kept(written, monkeypatch):
    """A shard whose index is kept beside it, and how often shards were read."""
    _, shards = written
    reads = []
    whole = shard_index.tar_members
    monkeypatch.setattr(shard_index, "KEPT_FROM", 2)
    monkeypatch.setattr(shard_index, "tar_members", lambda path: reads.append(path) or whole(path))
    return shards[0], reads


def _same(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("keys", "offsets", "sizes", "stated")
    )


def test_the_index_of_a_large_shard_is_kept_beside_it(kept):
    shard, reads = kept
    first = read_shard_index(shard)
    assert index_file(shard).is_file()
    assert _same(read_shard_index(shard), first)
    assert len(reads) == 1
    assert WebDataset(shard).encoded(1) == WebDataset(shard.parent).encoded(1)


def test_a_kept_index_is_made_anew_when_the_shard_changed(kept, noise_jpeg):
    shard, reads = kept
    read_shard_index(shard)
    before = shard.stat()
    write_webdataset(shard.parent, [(noise_jpeg(8), 5), (noise_jpeg(9), 6)])
    os.utime(shard, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert read_shard_index(shard).stated.tolist() == ["5", "6"]
    assert len(reads) == 2


@pytest.mark.parametrize("content", [b"", b"damaged", b"PK\x03\x04" + bytes(40)])
def test_a_kept_index_that_is_damaged_is_made_anew(kept, content):
    shard, reads = kept
    first = read_shard_index(shard)
    index_file(shard).write_bytes(content)
    assert _same(read_shard_index(shard), first)
    assert len(reads) == 2
    read_shard_index(shard)
    assert len(reads) == 2


def test_a_kept_index_of_half_its_length_is_made_anew(kept):
    shard, reads = kept
    first = read_shard_index(shard)
    index_file(shard).write_bytes(index_file(shard).read_bytes()[:-200])
    assert _same(read_shard_index(shard), first)
    assert len(reads) == 2


def test_a_small_shard_s_index_is_not_kept(written):
    _, shards = written
    WebDataset(shards[0].parent)
    assert not index_file(shards[0]).exists()


def test_where_the_index_cannot_be_written_the_shard_is_read_anew(kept, monkeypatch):
    shard, reads = kept

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shard_index, "write_arrays", full)
    assert _same(read_shard_index(shard), read_shard_index(shard))
    assert len(reads) == 2


def test_what_cannot_be_written_leaves_no_shard(tmp_path, noise_jpeg):
    with pytest.raises(DataError, match=r"record 1: the label -1"):
        write_webdataset(tmp_path, [(noise_jpeg(0), 0), (noise_jpeg(1), -1)])
    with pytest.raises(DataError, match="a shard of 0 images"):
        write_webdataset(tmp_path, [], per_shard=0)
    assert [*tmp_path.iterdir()] == []
