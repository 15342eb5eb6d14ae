"""A manifest says what a set holds and how it was made; a changed file is found by it."""

import hashlib
import json

import numpy as np
import pytest

from foveate.data.draw_pairs import draw_pairs
from foveate.data.folder import ImageFolder
from foveate.data.verification_writer import write_verification_bin
from foveate.doctor.alignment import LEFT_EYE
from foveate.doctor.comparable import Comparable
from foveate.doctor.digests import digests
from foveate.doctor.examine import examine
from foveate.doctor.manifest import find_manifest, manifest_hash, manifest_note, read_manifest
from foveate.doctor.write_manifest import contents_of, write_manifest
from foveate.errors import DataError


@pytest.fixture
def prepared(faces, folder):
    path = folder(list(faces))
    write_manifest(path, command="align", arguments={"size": 112})
    return path


def test_a_manifest_holds_counts_digests_and_faces(prepared):
    manifest = read_manifest(prepared / "manifest.json")
    assert manifest.kind == "training"
    assert manifest.contents["training"] == {
        "images": 60,
        "classes": 20,
        "images_per_class": {"min": 3, "median": 3.0, "max": 3},
        "class_list_sha256": ImageFolder(prepared).fingerprint(),
    }
    assert manifest.made == {"command": "align", "arguments": {"size": 112}, "source": None}
    assert manifest.colour is not None
    assert manifest.colour["order"] == "rgb"
    assert manifest.alignment is not None
    assert manifest.alignment.left == pytest.approx(LEFT_EYE, abs=2)
    lines = [
        f"{hashlib.sha256((prepared / 'person_04' / name).read_bytes()).hexdigest()} {name}\n"
        for name in ("0.jpg", "1.jpg", "2.jpg")
    ]
    assert manifest.sha256["person_04/"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert len(manifest.sha256) == 20


def test_the_same_set_has_the_same_manifest_and_a_copy_names_its_source(prepared, faces, folder):
    again = folder(list(faces), "again/set")
    write_manifest(again, command="align", arguments={"size": 112})
    content = (prepared / "manifest.json").read_bytes()
    assert (again / "manifest.json").read_bytes() == content
    write_manifest(again, command="copy", arguments={}, source=prepared)
    made = read_manifest(again / "manifest.json").made
    assert made["source"] == {"name": "set", "manifest_sha256": hashlib.sha256(content).hexdigest()}


def test_a_file_that_changed_is_missing_or_came_later_is_found(prepared):
    assert examine(prepared).findings == ()
    file = prepared / "person_04" / "1.jpg"
    file.write_bytes(file.read_bytes() + b" ")
    (error,) = examine(prepared).findings
    assert (error.kind, error.severity, error.examples) == ("manifest", "error", ("person_04/: changed",))
    (prepared / "notes.txt").write_text("later")
    for image in (prepared / "person_05").iterdir():
        image.unlink()
    (prepared / "person_05").rmdir()
    error, note = examine(prepared).findings
    assert error.examples == ("person_04/: changed", "person_05/: missing")
    assert (note.severity, note.examples) == ("note", ("notes.txt",))


def test_a_file_has_its_own_manifest_or_that_of_its_folder(faces, folder, tmp_path):
    pairs = draw_pairs(ImageFolder(folder(list(faces))), name="held", pairs=40)
    write_verification_bin(tmp_path / "sets/held.bin", pairs)
    assert find_manifest(tmp_path / "sets/held.bin") is None
    assert write_manifest(tmp_path / "sets", command="a", arguments={}) == tmp_path / "sets/manifest.json"
    assert find_manifest(tmp_path / "sets/held.bin") == tmp_path / "sets/manifest.json"
    assert examine(tmp_path / "sets/held.bin").findings == ()
    own = write_manifest(tmp_path / "sets/held.bin", command="b", arguments={})
    assert find_manifest(tmp_path / "sets/held.bin") == own == tmp_path / "sets/held.manifest.json"
    assert examine(tmp_path / "sets").findings == ()
    write_verification_bin(tmp_path / "sets/other.bin", pairs)
    assert find_manifest(tmp_path / "sets/other.bin") is None


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 2}', '{"format": 1, "alignment": 3}'])
def test_what_is_no_manifest_is_refused(prepared, content):
    (prepared / "manifest.json").write_text(content)
    with pytest.raises(DataError, match=r"manifest\.json: it is no manifest that this version knows"):
        read_manifest(prepared / "manifest.json")


def test_loose_images_have_a_manifest_of_digests_alone(faces, folder):
    path = folder(list(faces[:3]))
    write_manifest(path / "person_00", command="align", arguments={})
    manifest = read_manifest(path / "person_00/manifest.json")
    assert (manifest.kind, manifest.alignment, len(manifest.sha256)) == ("images", None, 3)


def test_the_note_of_a_run_is_the_hash_and_the_faces(prepared, tmp_path):
    note = manifest_note(prepared)
    whole = json.loads((prepared / "manifest.json").read_text())
    assert note == {
        "manifest_sha256": manifest_hash(prepared / "manifest.json"),
        "colour": whole["colour"],
        "alignment": whole["alignment"],
    }
    (prepared / "manifest.json").unlink()
    assert manifest_note(prepared) is None


def test_test_faces_unlike_those_of_the_training_set_are_told(prepared, faces, folder, tmp_path):
    card = {"data": manifest_note(prepared)}
    for name, change, kinds in [
        ("alike", lambda face: face[:, ::-1], []),
        ("swapped", lambda face: face[..., ::-1], ["colour"]),
        ("cut", lambda face: np.roll(face, 9, 0), ["alignment"]),
    ]:
        pairs = draw_pairs(ImageFolder(folder([change(face) for face in faces], name)), name=name, pairs=40)
        test = Comparable(pairs, tmp_path)
        assert [finding.kind for finding in test.differences(card)] == kinds
        assert test.differences({}) == []


def test_training_images_that_cannot_be_read_are_not_passed_over_for_a_test_set(faces, folder, tmp_path):
    people = ImageFolder(folder(list(faces), name="people"))
    place = tmp_path / "place"
    place.mkdir()
    write_verification_bin(place / "held.bin", draw_pairs(people, name="held", pairs=20, folds=10, seed=0))
    assert contents_of(place)[0] is None
    (tmp_path / "people" / "person_00").rename(place / "person_00")
    (place / "nobody").mkdir()
    with pytest.raises(DataError, match="nobody"):
        contents_of(place)


@pytest.mark.parametrize("name", ["shard-000000.tar", "list.txt"])
def test_damaged_shards_and_lists_are_not_passed_over_for_a_test_set(faces, folder, tmp_path, name):
    people = ImageFolder(folder(list(faces), name="people"))
    place = tmp_path / "place"
    place.mkdir()
    write_verification_bin(place / "held.bin", draw_pairs(people, name="held", pairs=20, folds=10, seed=0))
    (place / name).write_text("no such file 1\n")
    with pytest.raises(DataError, match=name):
        contents_of(place)


def test_the_index_of_a_shard_is_no_part_of_its_set(tmp_path):
    (tmp_path / "shard-000000.tar").write_bytes(b"x")
    before = digests(tmp_path)
    (tmp_path / "shard-000000.tar.index.npz").write_bytes(b"y")
    assert digests(tmp_path) == before
