"""Two parts share nobody, and hold out whom training holds out."""

import pytest

from foveate.data.folder import ImageFolder
from foveate.data.open import open_training_set
from foveate.data.split import hold_out
from foveate.doctor.manifest import read_manifest
from foveate.errors import DataError
from foveate.prepare.convert import convert
from foveate.prepare.split import split


def _content(path):
    images = open_training_set(path)
    return {images.encoded(place) for place in range(len(images))}


@pytest.fixture
def twelve(tmp_path, noise):
    for number in range(36):
        file = tmp_path / f"set/p{number // 3:02d}/{number % 3}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(noise(number, 16))
    return tmp_path / "set"


def test_the_parts_share_nobody_and_together_are_the_whole(twelve, tmp_path, tree_of):
    told = []
    assert split(twelve, tmp_path / "out", share=0.25, tell=lambda *done: told.append(done)) == (9, 3)
    assert told == [(count, 36) for count in range(1, 37)]
    parts = [tree_of(tmp_path / "out" / part) for part in ("train", "held")]
    assert {**parts[0], **parts[1]} == tree_of(twelve)
    people = [{name.split("/")[0] for name in part} for part in parts]
    assert [len(part) for part in people] == [9, 3]
    assert not people[0] & people[1]


def test_records_are_split_as_folders_are(twelve, tmp_path):
    convert(twelve, tmp_path / "rec", "rec")
    split(twelve, tmp_path / "one", share=0.5, seed=3)
    split(tmp_path / "rec", tmp_path / "two", share=0.5, seed=3)
    for part in ("train", "held"):
        assert (tmp_path / "two" / part / "train.rec").is_file()
        assert _content(tmp_path / "one" / part) == _content(tmp_path / "two" / part)
    convert(tmp_path / "two/held", tmp_path / "back", "folder")
    assert ImageFolder(tmp_path / "back").classes == ImageFolder(tmp_path / "one/held").classes


def test_the_people_held_out_are_those_that_training_holds_out(twelve, tmp_path):
    split(twelve, tmp_path / "out", share=0.5)
    images, pairs = hold_out(ImageFolder(twelve), share=0.5)
    assert _content(tmp_path / "out/train") == {images.encoded(place) for place in range(len(images))}
    assert _content(tmp_path / "out/held") == {*pairs.images}


def test_each_part_has_a_manifest(twelve, tmp_path):
    split(twelve, tmp_path / "out", share=0.5, seed=2)
    made = read_manifest(tmp_path / "out/held/manifest.json").made
    assert made["arguments"] == {"share": 0.5, "seed": 2, "part": "held"}


@pytest.mark.parametrize("share", [0.1, 0.95])
def test_a_part_without_two_people_is_refused(twelve, tmp_path, share):
    with pytest.raises(DataError, match="each part needs two"):
        split(twelve, tmp_path / "out", share=share)


@pytest.mark.parametrize("share", [0.0, -1.0, 1.0, 20.0])
def test_what_is_no_share_is_refused(twelve, tmp_path, share):
    with pytest.raises(DataError, match=r"is no share of the identities.*between 0 and 1"):
        split(twelve, tmp_path / "out", share=share)
