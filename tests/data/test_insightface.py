"""insightface's record layout: key ranges wherever they stand, labels of either form, and what is refused."""

import numpy as np
import pytest

from foveate.data import insightface_writer
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.record_writer import RecordWriter
from foveate.data.recordio import pack_image
from foveate.errors import DataError


def _write(folder, records, name="train"):
    with RecordWriter(folder / f"{name}.rec", folder / f"{name}.idx") as writer:
        for key, payload in records:
            writer.write(key, payload)
    return folder


def _images(labels, first=1):
    return [(first + i, pack_image(float(label), b"image %d" % i, id=first + i)) for i, label in enumerate(labels)]


@pytest.mark.parametrize("place", [0, 2, 6])
def test_the_key_ranges_may_stand_anywhere_in_the_file(tmp_path, place):
    identities = [(5, pack_image((1, 3), b"")), (6, pack_image((3, 5), b""))]
    records = [*_images([0, 0, 1, 1]), *identities]
    records.insert(place, (0, pack_image((5, 7), b"")))
    images = InsightFaceRecords(_write(tmp_path, records))
    assert images.labels.tolist() == [0, 0, 1, 1]
    assert [images.record(index) for index in range(4)] == ["1", "2", "3", "4"]
    assert [images.encoded(index) for index in range(4)] == [b"image %d" % index for index in range(4)]


def test_of_several_labels_the_first_is_the_class(tmp_path):
    records = [(key, pack_image((label, 9.0), b"x")) for key, label in [(1, 4.0), (2, 2.0)]]
    records += [(3, pack_image(4.0, b"y")), (0, pack_image((4, 4), b""))]
    images = InsightFaceRecords(_write(tmp_path, records))
    assert images.labels.tolist() == [1, 0, 1]
    assert images.classes == ("2", "4")


def test_without_key_ranges_every_record_is_an_image(tmp_path):
    assert len(InsightFaceRecords(_write(tmp_path, _images([0, 1], first=0), "plain") / "plain.rec")) == 2
    assert len(InsightFaceRecords(_write(tmp_path, _images([0, 1, 1], first=5)))) == 3


def test_a_first_image_with_two_labels_is_no_list_of_key_ranges(tmp_path):
    records = [(key, pack_image((float(key), 1.0), b"image")) for key in range(3)]
    assert InsightFaceRecords(_write(tmp_path, records)).labels.tolist() == [0, 1, 2]


def test_classes_are_the_labels_that_occur(tmp_path):
    images = InsightFaceRecords(_write(tmp_path, _images([30, 7, 30, 11])))
    assert images.classes == ("7", "11", "30")
    assert images.labels.tolist() == [2, 0, 2, 1]
    assert images.labels.dtype == np.int64


@pytest.mark.parametrize("label", [0.5, -1.0, float("nan"), float("inf"), 2.0**24])
def test_a_label_that_is_no_class_number_is_refused(tmp_path, label):
    _write(tmp_path, _images([0, 1, label]))
    with pytest.raises(DataError, match=r"train\.rec: record 3: the label .* is no class number"):
        InsightFaceRecords(tmp_path)


def test_one_identity_alone_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"one identity only, class 3\. Add images"):
        InsightFaceRecords(_write(tmp_path, _images([3, 3])))


def test_a_property_file_that_contradicts_the_labels_is_refused(tmp_path):
    _write(tmp_path, _images([0, 1]))
    (tmp_path / "property").write_text("2,112,112\n")
    assert len(InsightFaceRecords(tmp_path).classes) == 2
    (tmp_path / "property").write_text("3,112,112")
    with pytest.raises(DataError, match="property: 3 classes are stated, but the images have 2"):
        InsightFaceRecords(tmp_path)
    (tmp_path / "property").write_text("many")
    with pytest.raises(DataError, match="property: 'many' does not begin with the number of classes"):
        InsightFaceRecords(tmp_path)


def test_an_index_that_lacks_images_is_refused(tmp_path):
    _write(tmp_path, [*_images([0, 1, 1]), (0, pack_image((6, 8), b""))])
    with pytest.raises(DataError, match=r"train\.idx: record 4: record 0 announces 5 images, but the index lacks 2"):
        InsightFaceRecords(tmp_path)


@pytest.mark.parametrize("end", [0.0, 1.0, 2.5, float("nan"), 1e30])
def test_key_ranges_that_cannot_be_are_refused(tmp_path, end):
    _write(tmp_path, [*_images([0, 1]), (0, pack_image((end, end), b""))])
    with pytest.raises(DataError, match=r"train\.rec: record 0: the images should have the keys"):
        InsightFaceRecords(tmp_path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(DataError, match=r"train\.rec: cannot be opened"):
        InsightFaceRecords(tmp_path)
    _write(tmp_path, _images([0, 1]))
    (tmp_path / "train.idx").unlink()
    with pytest.raises(DataError, match=r"train\.idx: cannot be opened"):
        InsightFaceRecords(tmp_path)


def test_a_truncated_record_file_is_refused(tmp_path):
    _write(tmp_path, _images([0, 1]))
    rec = tmp_path / "train.rec"
    rec.write_bytes(rec.read_bytes()[:-8])
    with pytest.raises(DataError, match=r"train\.rec: record 2: the part at byte 40 should end"):
        InsightFaceRecords(tmp_path)


def test_a_record_without_a_header_is_refused(tmp_path):
    _write(tmp_path, [*_images([0, 1]), (3, b"short")])
    with pytest.raises(DataError, match=r"train\.rec: record 3: the record has 5 bytes"):
        InsightFaceRecords(tmp_path)


def test_what_is_written_is_read(tmp_path):
    pairs = [(b"a", 0), (b"b", 0), (b"c", 1), (b"d", 2)]
    write_insightface(tmp_path / "new", pairs, classes=3)
    images = InsightFaceRecords(tmp_path / "new")
    assert [(images.encoded(i), int(images.labels[i])) for i in range(len(images))] == pairs
    assert images.classes == ("0", "1", "2")
    assert (tmp_path / "new/property").read_text() == "3,112,112"
    assert (tmp_path / "new/train.idx").read_text().splitlines()[-1].startswith("0\t")


@pytest.mark.parametrize(
    ("labels", "classes"), [([0, 2], 2), ([1, 1], 2), ([0, 1, 0], 2), ([0, 1], 3), ([0, 1], 1), ([0, -1], 1)]
)
def test_classes_out_of_order_or_absent_are_not_written(tmp_path, labels, classes):
    with pytest.raises(DataError, match=r"Sort the images by class|Give each class its images"):
        write_insightface(tmp_path, [(b"x", label) for label in labels], classes)
    assert list(tmp_path.iterdir()) == []


def test_more_keys_than_the_format_numbers_are_refused_before_all_is_written(tmp_path, monkeypatch):
    images = [(b"x", 0), (b"x", 0), (b"x", 1)]
    monkeypatch.setattr(insightface_writer, "_EXACT", 7)
    write_insightface(tmp_path / "fits", images, classes=2)
    monkeypatch.setattr(insightface_writer, "_EXACT", 6)
    with pytest.raises(DataError, match=r"numbers fewer than 2\*\*24 images and classes"):
        write_insightface(tmp_path / "full", images, classes=2)
    assert not (tmp_path / "full/train.rec").exists()


def test_the_shared_faces_are_read_with_the_labels_of_their_list(shared):
    images = InsightFaceRecords(shared / "data/faces")
    listed = np.loadtxt(shared / "data/faces/train.lst", usecols=2, delimiter="\t", dtype=np.int64)
    assert len(images) == 13_500
    assert images.classes == tuple(str(number) for number in range(1700))
    assert np.array_equal(images.labels, listed)
    assert images.encoded(13_499)[:3] == b"\xff\xd8\xff"


def test_the_shared_faces_written_again_are_the_same_files(shared, tmp_path):
    images = InsightFaceRecords(shared / "data/faces")
    pairs = ((images.encoded(index), int(images.labels[index])) for index in range(len(images)))
    write_insightface(tmp_path, pairs, classes=1700)
    for name in ("train.rec", "train.idx", "property"):
        assert (tmp_path / name).read_bytes() == (shared / "data/faces" / name).read_bytes(), name
