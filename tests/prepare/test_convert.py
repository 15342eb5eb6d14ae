"""There and back again every byte is the same."""

import os
from dataclasses import replace

import numpy as np
import pytest

from foveate.data.folder import ImageFolder
from foveate.data.image_list import ImageList
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.labelled import LabelledImages
from foveate.data.lfw_writer import write_lfw
from foveate.data.pairs import VerificationPairs
from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import pack_image
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.data.webdataset import WebDataset
from foveate.doctor.manifest import manifest_hash, read_manifest
from foveate.errors import DataError
from foveate.evaluate.all_pairs import people_of
from foveate.prepare.convert import convert
from foveate.prepare.write import write_folder


def _content(images: LabelledImages):
    return [(images.classes[label], images.encoded(place)) for place, label in enumerate(images.labels)]


def test_folders_become_records_and_the_same_folders_again(people, tmp_path, tree_of):
    told = []
    convert(people, tmp_path / "rec", "rec", lambda *done: told.append(done))
    assert told[-1] == (8, 8)
    folder, records = ImageFolder(people), InsightFaceRecords(tmp_path / "rec")
    assert records.labels.tolist() == folder.labels.tolist()
    assert [image for _, image in _content(records)] == [image for _, image in _content(folder)]
    lines = (tmp_path / "rec/train.lst").read_text().splitlines()
    assert lines[0] == "1\t10/z.jpg\t0"
    assert (tmp_path / "rec/property").read_text() == "5,112,112"
    convert(tmp_path / "rec", tmp_path / "back", "folder")
    assert tree_of(tmp_path / "back") == tree_of(people)


def test_records_become_folders_and_the_same_records_again(tmp_path, noise, tree_of):
    write_insightface(tmp_path / "rec", [(noise(n, 16), n // 2) for n in range(24)], classes=12, size=16)
    convert(tmp_path / "rec", tmp_path / "folder", "folder")
    folder = ImageFolder(tmp_path / "folder")
    assert folder.classes == tuple(f"{number:02d}" for number in range(12))
    assert folder.record(5) == "02/05.jpg"
    convert(tmp_path / "folder", tmp_path / "back", "rec")
    back = tree_of(tmp_path / "back")
    del back["train.lst"]
    assert back == tree_of(tmp_path / "rec")


def test_folders_become_shards_and_the_same_folders_again(people, tmp_path, tree_of):
    convert(people, tmp_path / "shards", "webdataset")
    folder, shards = ImageFolder(people), WebDataset(tmp_path / "shards")
    assert [image for _, image in _content(shards)] == [image for _, image in _content(folder)]
    assert shards.labels.tolist() == folder.labels.tolist()
    convert(tmp_path / "shards", tmp_path / "back", "folder")
    assert tree_of(tmp_path / "back") == tree_of(people)
    (tmp_path / "shards/train.lst").unlink()
    convert(tmp_path / "shards", tmp_path / "numbered", "folder")
    assert ImageFolder(tmp_path / "numbered").classes == tuple(str(number) for number in range(len(folder.classes)))


def test_shards_become_records_with_the_same_images(tmp_path, noise):
    write_insightface(tmp_path / "rec", [(noise(n, 16), n // 2) for n in range(6)], classes=3, size=16)
    convert(tmp_path / "rec", tmp_path / "shards", "webdataset")
    convert(tmp_path / "shards", tmp_path / "back", "rec")
    assert _content(InsightFaceRecords(tmp_path / "back")) == _content(InsightFaceRecords(tmp_path / "rec"))
    with pytest.raises(DataError, match="the layout 'webdataset' already"):
        convert(tmp_path / "shards", tmp_path / "again", "webdataset")


def test_records_in_no_order_keep_labels_and_the_order_within_a_class(tmp_path, noise):
    labels = [30, 2, 30, 100, 2]
    with RecordWriter(tmp_path / "train.rec", tmp_path / "train.idx") as writer:
        for key, label in enumerate(labels):
            writer.write(key + 1, pack_image(float(label), noise(key, 16)))
    convert(tmp_path / "train.rec", tmp_path / "folder", "folder")
    assert _content(ImageFolder(tmp_path / "folder")) == [
        (f"{label:03d}", noise(key, 16)) for label in (2, 30, 100) for key in range(5) if labels[key] == label
    ]


@pytest.mark.parametrize(
    "lines",
    [
        "1\tb/0.jpg\t0\n1\ta/1.jpg\t1\n",
        "1\ta/0.jpg\t0\n",
        "1\ta/0.jpg\t1\n1\tb/1.jpg\t0\n",
        "1\t../0.jpg\t0\n1\tb/1.jpg\t1\n",
    ],
    ids=["would change the order", "too short", "other labels", "leads out of the folder"],
)
def test_a_list_that_does_not_fit_gives_no_names(tmp_path, noise, lines, tree_of):
    write_insightface(tmp_path / "rec", [(noise(n, 16), n) for n in range(2)], classes=2, size=16)
    (tmp_path / "rec/train.lst").write_text(lines)
    convert(tmp_path / "rec", tmp_path / "folder", "folder")
    assert list(tree_of(tmp_path / "folder")) == ["0/0.jpg", "1/1.jpg"]


@pytest.fixture
def held(tmp_path, noise):
    """Twenty pairs, not in LFW's order, whose images come several times."""
    left = np.arange(20) % 12
    pairs = VerificationPairs(
        "held", [noise(n, 16) for n in range(12)], left, (left + 1) % 12, np.arange(20) % 2 == 0, np.arange(20) // 2
    )
    write_verification_bin(tmp_path / "held.bin", pairs)
    return tmp_path / "held.bin"


def test_pairs_become_a_folder_and_the_same_file_again(held, tmp_path):
    convert(held, tmp_path / "lfw", "folder")
    assert convert(tmp_path / "lfw", tmp_path / "back", "bin") == tmp_path / "back.bin"
    assert (tmp_path / "back.bin").read_bytes() == held.read_bytes()


def test_the_manifest_names_its_source(held, people, tmp_path):
    convert(people, tmp_path / "rec", "rec")
    assert read_manifest(tmp_path / "rec/manifest.json").made == {
        "command": "convert",
        "arguments": {"to": "rec"},
        "source": {"name": "people", "manifest_sha256": None},
    }
    convert(tmp_path / "rec", tmp_path / "back", "folder")
    made = read_manifest(tmp_path / "back/manifest.json").made
    assert made["source"]["manifest_sha256"] == manifest_hash(tmp_path / "rec/manifest.json")
    convert(held, tmp_path / "lfw", "folder")
    convert(tmp_path / "lfw", tmp_path / "other.bin", "bin")
    assert read_manifest(tmp_path / "other.manifest.json").kind == "verification"


def test_what_makes_no_sense_or_would_overwrite_is_refused(held, people, tmp_path):
    for source, to, problem in [
        (people, "folder", "has the layout 'folder' already"),
        (people, "bin", "holds 0 sets of verification pairs"),
        (held, "rec", "records and shards hold identities"),
        (held, "bin", "is a .bin file already"),
    ]:
        with pytest.raises(DataError, match=problem):
            convert(source, tmp_path / "out", to)
    with pytest.raises(DataError, match="it exists already"):
        convert(people, people, "rec")
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["held.bin", "people"]


def test_a_damaged_source_leaves_nothing_under_the_name_and_goes_on_when_mended(people, tmp_path, tree_of):
    convert(people, tmp_path / "rec", "rec")
    whole = (tmp_path / "rec/train.rec").read_bytes()
    (tmp_path / "rec/train.rec").write_bytes(whole[:-300000] if len(whole) > 300000 else whole[: len(whole) // 2])
    with pytest.raises(DataError):
        convert(tmp_path / "rec", tmp_path / "back", "folder")
    assert not (tmp_path / "back").exists()


def test_no_image_is_lost_where_one_persons_lie_in_several_folders(tmp_path, noise):
    listed = tmp_path / "listed"
    lines = []
    for person in range(4):
        for view in ("frontal", "profile"):
            folder = listed / f"{view}{person}"
            folder.mkdir(parents=True)
            (folder / "1.jpg").write_bytes(noise(len(lines), 16))
            lines.append(f"{view}{person}/1.jpg {person}")
    (listed / "list.txt").write_text("\n".join(lines))
    write_folder(ImageList(listed), tmp_path / "folder")
    assert len(ImageFolder(tmp_path / "folder")) == 8
    assert len(set(_content(ImageFolder(tmp_path / "folder")))) == 8


def test_folds_that_a_bin_file_would_lose_are_refused_before_anything_is_written(held, tmp_path):
    pairs = read_verification_bin(held)
    write_lfw(tmp_path / "lfw", replace(pairs, fold=np.arange(20) // 4), people_of(pairs))
    with pytest.raises(DataError, match=r"the pairs are in 5 folds, and the format keeps none: it is read in 10"):
        convert(tmp_path / "lfw", tmp_path / "out", "bin")
    assert not (tmp_path / "out.bin").exists()


def test_names_that_are_no_utf8_are_kept(people, tmp_path, noise):
    name = os.fsdecode(b"Jos\xe9")
    try:
        (people / name).mkdir()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    (people / name / "a.jpg").write_bytes(noise(0, 16))
    convert(people, tmp_path / "rec", "rec")
    convert(tmp_path / "rec", tmp_path / "back", "folder")
    assert (tmp_path / "back" / name / "a.jpg").read_bytes() == noise(0, 16)
