"""Each defect is found in a set that has it, and nothing in one that has none."""

from dataclasses import replace

import numpy as np
import pytest

from foveate.data.draw_pairs import draw_pairs
from foveate.data.encode import encode
from foveate.data.folder import ImageFolder
from foveate.data.insightface_writer import write_insightface
from foveate.data.pairs import VerificationPairs
from foveate.data.protocols import deviations
from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import pack_image
from foveate.data.tinyface_writer import write_tinyface
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.doctor.examine import examine
from foveate.errors import DataError


def _found(path, *against):
    """Severity of each kind of finding."""
    return {finding.kind: finding.severity for finding in examine(path, against).findings}


def _only(path, *against):
    """The one finding there is."""
    (finding,) = examine(path, against).findings
    return finding


@pytest.fixture
def held(faces, folder, tmp_path):
    """Pairs of twenty people of whom nobody is among the first ten."""
    images = ImageFolder(folder(list(faces), "held"))
    pairs = draw_pairs(images, name="held", pairs=40)
    write_verification_bin(tmp_path / "held.bin", pairs)
    return tmp_path / "held.bin"


def test_in_a_clean_set_nothing_is_found(faces, folder):
    found = examine(folder(list(faces)))
    assert found.findings == ()
    assert found.sets == (("training", 60),)
    assert found.as_json() == {
        "sets": [{"set": "training", "images": 60}],
        "errors": 0,
        "warnings": 0,
        "notes": 0,
        "findings": [],
    }


def test_clean_pairs_of_other_people_are_clean(faces, folder, held):
    other = folder(list(np.ascontiguousarray(faces[:, :, ::-1])), "other")  # mirror images are other pictures
    assert _found(other, held) == {}


def test_images_that_cannot_be_decoded_are_an_error(faces, folder):
    images = [encode(face) for face in faces]
    images[4], images[20] = images[4][:200], b"nothing"
    finding = _only(folder(images))
    assert (finding.kind, finding.severity) == ("unreadable", "error")
    assert "2 images of 60" in finding.found
    assert [example.split(": ")[:2] for example in finding.examples] == [
        ["training", "person_01/1.jpg"],
        ["training", "person_06/2.jpg"],
    ]


def test_images_of_another_size_are_an_error(faces, folder):
    finding = _only(folder([*faces[:-1], faces[-1][:100, :90].copy()]))
    assert (finding.kind, finding.severity) == ("size", "error")
    assert "most often 90 x 100" in finding.found
    assert finding.examples == ("training: person_19/2.jpg",)


def test_blank_images_are_a_warning(faces, folder):
    finding = _only(folder([*faces[:-2], *np.full((2, 112, 112, 3), 90, np.uint8)]))
    assert (finding.kind, finding.severity) == ("blank", "warning")
    assert finding.examples == ("training: person_19/1.jpg", "training: person_19/2.jpg")


def test_swapped_channels_are_an_error(faces, folder):
    finding = _only(folder(list(faces[..., ::-1])))
    assert (finding.kind, finding.severity) == ("colour", "error")
    assert "0.0 % of 60 faces" in finding.found


def test_some_swapped_images_are_named(faces, folder):
    finding = _only(folder([*faces[:55], *faces[55:, ..., ::-1]]))
    assert (finding.kind, finding.severity) == ("colour", "warning")
    assert finding.examples[0] == "training: person_18/1.jpg"
    assert "5 images" in finding.found


def test_half_of_the_set_swapped_is_a_warning(faces, folder):
    finding = _only(folder([*faces[:30], *faces[30:, ..., ::-1]]))
    assert (finding.kind, finding.severity) == ("colour", "warning")


def test_faces_that_stand_elsewhere_or_anywhere_are_a_warning(faces, folder):
    finding = _only(folder([np.roll(face, 9, 0) for face in faces]))
    assert (finding.kind, finding.severity) == ("alignment", "warning")
    assert "from the template's" in finding.found
    random = np.random.default_rng(0)
    finding = _only(folder([np.roll(face, random.integers(-20, 21, 2), (0, 1)) for face in faces], "anywhere"))
    assert (finding.kind, finding.severity) == ("alignment", "warning")
    assert "stand in different places" in finding.found


def test_a_copy_under_another_name_is_a_warning_and_one_of_the_same_person_a_note(faces, folder):
    images = [encode(face) for face in faces]
    images[5], images[59] = images[3], encode(faces[0], quality=60)
    first, second = examine(folder(images)).findings
    assert (first.kind, first.severity) == ("duplicates across identities", "warning")
    assert first.examples == ("training: person_00/0.jpg = training: person_19/2.jpg",)
    assert "1 pair of equal pictures (0 byte for byte)" in first.found
    assert (second.kind, second.severity) == ("duplicates", "note")
    assert second.examples == ("training: person_01/0.jpg = training: person_01/2.jpg",)
    assert "(1 byte for byte)" in second.found


def test_an_identity_with_one_image_is_a_warning(faces, folder):
    path = folder(list(faces))
    for name in ("0.jpg", "1.jpg"):
        (path / "person_07" / name).unlink()
    finding = _only(path)
    assert (finding.kind, finding.severity, finding.examples) == ("single images", "warning", ("identity person_07",))


def test_class_numbers_without_images_are_a_warning(faces, tmp_path):
    write_insightface(tmp_path, [(encode(face), number // 3) for number, face in enumerate(faces)], classes=20)
    assert _found(tmp_path) == {}
    (tmp_path / "property").unlink()
    with RecordWriter(tmp_path / "train.rec", tmp_path / "train.idx") as writer:
        for number, face in enumerate(faces):
            writer.write(number + 1, pack_image(float(2 * (number // 3)), encode(face)))
    finding = _only(tmp_path)
    assert (finding.kind, finding.severity, finding.examples[:2]) == ("label gaps", "warning", ("class 1", "class 3"))
    assert "19 of the class numbers 0 to 38" in finding.found


def test_images_of_a_test_in_the_training_set_are_an_error(faces, folder, held):
    images = [encode(face, quality=80) for face in faces[:, :, ::-1]]
    images[10] = encode(faces[33], quality=70)
    finding = _only(folder(images), held)
    assert (finding.kind, finding.severity) == ("shared images", "error")
    assert "1 image of held also in the training set (0 byte for byte" in finding.found
    (example,) = finding.examples
    assert example.startswith("training: person_03/1.jpg = held: ")


def test_a_verification_set_beside_the_records_is_compared_with_them(faces, held, tmp_path):
    write_insightface(tmp_path, [(encode(face), number // 3) for number, face in enumerate(faces)], classes=20)
    finding = _only(tmp_path)
    assert (finding.kind, finding.severity) == ("shared images", "error")
    used = len(read_verification_bin(held).images)
    assert f"{used} images of held also in the training set ({used} byte for byte" in finding.found


def test_a_verification_set_beside_folders_of_identities_is_compared_with_them(faces, folder, held):
    people = folder(list(faces))
    held.rename(people / "held.bin")
    assert _found(people) == {"shared images": "error"}


def test_people_of_one_name_in_training_and_held_out_are_an_error(faces, folder):
    mirrored = list(np.ascontiguousarray(faces[:, :, ::-1]))
    train, other = folder(mirrored[:30], "train"), folder(list(faces[30:]), "other")
    finding = _only(train, other)
    assert (finding.kind, finding.severity) == ("shared identities", "error")
    assert "10 identities of other" in finding.found
    assert finding.examples[0] == "person_00"


def test_numbers_in_common_may_be_other_people(faces, folder):
    mirrored = list(np.ascontiguousarray(faces[:, :, ::-1]))
    train, other = folder(mirrored, "train"), folder(list(faces), "other")
    for root in (train, other):
        for path in [*root.iterdir()]:
            path.rename(root / path.name.removeprefix("person_"))
    assert _found(train, other) == {"shared identities": "warning"}


def test_a_test_set_of_swapped_colours_or_moved_faces_is_told_from_the_training_set(faces, folder, tmp_path):
    train = folder(list(faces[:, :, ::-1]), "train")
    pairs = draw_pairs(ImageFolder(folder(list(faces), "held")), name="held", pairs=40)
    for name, change, expected in [
        ("swapped", lambda face: face[..., ::-1], {"colour": "error"}),
        ("moved", lambda face: np.roll(face, -8, 0), {"alignment": "warning"}),
    ]:
        images = [encode(change(face)) for face in faces]
        write_verification_bin(tmp_path / f"{name}.bin", replace(pairs, images=images))
        assert _found(train, tmp_path / f"{name}.bin") == expected
        said = [finding.found for finding in examine(train, [tmp_path / f"{name}.bin"]).findings]
        assert sum("training set" in text for text in said) == 1


def _protocol(faces, path, left, right, same):
    images = [encode(face) for face in faces[:40]]
    number = len(same)
    write_verification_bin(
        path, VerificationPairs(path.stem, images, left, right, np.array(same), np.arange(number) // (number // 10))
    )
    return path


def test_what_is_wrong_with_a_protocol_is_found(faces, tmp_path):
    ends, same = np.arange(20), [True, False] * 10
    good = _protocol(faces, tmp_path / "good.bin", ends, ends + 20, same)
    assert _found(good) == {}
    right = ends + 20
    assert _found(_protocol(faces, tmp_path / "uneven.bin", ends, right, [True] * 3 + same[3:])) == {
        "balance": "warning"
    }
    left, right = ends.copy(), ends + 20
    left[5], right[5] = right[4], left[4]
    assert _found(_protocol(faces, tmp_path / "both.bin", left, right, same)) == {"contradictory pairs": "error"}
    left, right = ends.copy(), ends + 20
    left[2], right[2] = right[0], left[0]
    found = _found(_protocol(faces, tmp_path / "twice.bin", left, right, same))
    assert found == {"repeated pairs": "warning", "people in several folds": "note"}
    right = ends + 20
    right[4] = 4
    assert _found(_protocol(faces, tmp_path / "own.bin", ends, right, same)) == {"pairs of one image": "warning"}


def test_a_part_of_a_public_set_is_not_that_set(faces, tmp_path):
    ends, same = np.arange(20), [True, False] * 10
    finding = _only(_protocol(faces, tmp_path / "cfp_fp.bin", ends, ends + 20, same))
    assert (finding.kind, finding.severity) == ("counts", "warning")
    assert "20 pairs instead of 7,000, 10 same instead of 3,500" in finding.found
    pairs = VerificationPairs(
        "agedb_30", [], *np.zeros((2, 6000), np.int64), np.arange(6000) % 2 == 0, np.arange(6000) // 600
    )
    assert deviations(pairs) == {}


def test_faces_of_an_identification_set_may_have_any_size_and_place(faces, tmp_path):
    small = [encode(face[20:100:5, 20:100:5].copy()) for face in faces]
    write_tinyface(tmp_path, probes={1: small[:5]}, matches={1: small[5:20]}, distractors=small[20:])
    assert _found(tmp_path) == {"counts": "warning"}


def test_without_training_images_there_is_nothing_to_compare(held):
    with pytest.raises(DataError, match="no training images to compare"):
        examine(held, [held])


def test_errors_stand_first(faces, folder):
    images = [encode(face) for face in faces]
    images[5], images[59], images[40] = images[3], images[0], b"x"
    kinds = [finding.severity for finding in examine(folder(images)).findings]
    assert kinds == ["error", "warning", "note"]
