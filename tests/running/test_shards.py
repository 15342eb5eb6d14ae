"""Training does not care how its faces are stored."""

import shutil

import pytest
from safetensors.torch import load_file

from foveate.data.insightface import InsightFaceRecords
from foveate.data.webdataset_writer import write_webdataset


@pytest.fixture
def disks(faces, tmp_path):
    """The same faces in shards on two disks, with their pairs beside the list of both."""
    images = InsightFaceRecords(faces)
    pairs = [(images.encoded(number), int(images.labels[number])) for number in range(len(images))]
    shards = write_webdataset(tmp_path / "one", pairs, per_shard=10)
    (tmp_path / "two").mkdir()
    shards[1].rename(tmp_path / "two" / shards[1].name)
    (tmp_path / "shards.txt").write_text("one\ntwo/*.tar\n")
    shutil.copy(faces / "held.bin", tmp_path)
    return tmp_path


def test_shards_on_two_disks_train_the_network_that_records_train(run, faces, disks, tiny, tmp_path):
    flags = [*tiny, "--epochs=1"]
    assert run("train", "teacher", "--data", faces, "--out", tmp_path / "records", *flags).code == 0
    ended = run("train", "teacher", "--data", disks, "--out", tmp_path / "shards", *flags, "--workers", "2")
    assert ended.code == 0, ended.err
    wanted, found = (load_file(tmp_path / name / "model.safetensors") for name in ("records", "shards"))
    assert wanted.keys() == found.keys()
    assert all(found[name].equal(value) for name, value in wanted.items())


def test_shards_are_counted_by_a_pattern(run, disks, tmp_path):
    ended = run("data", "show", disks / "*/shard-*.tar", "--sheet", tmp_path / "sheet.png", "--json")
    assert ended.code == 0, ended.err
    assert (ended.json["training"]["images"], ended.json["training"]["classes"]) == (28, 7)
