"""What is done is kept, whenever the work is killed."""

import errno
import fcntl
import json
from dataclasses import replace

import pytest

from foveate.align.ledger import JOURNAL, RESULT, Ledger
from foveate.align.record import CropRecord, PhotoRecord
from foveate.errors import DataError

SETTINGS = {"size": 112, "crop": "box"}
CROP = CropRecord("a.png", "detected", [0.0, 1.0, 2.0, 3.0], 0.5, [[1.0, 2.0]] * 5)


def _record(name="a.jpg", *crops, unreadable=False):
    return PhotoRecord(name, 4, 5, 1, crops, () if crops else ("no face was found",), unreadable)


def test_records_are_there_again_after_a_kill_and_a_line_cut_off_is_dropped(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        (tmp_path / "a.png").write_bytes(b"")
        ledger.add([_record("a.jpg", CROP), _record("b.jpg")])
    with (tmp_path / JOURNAL).open("ab") as file:
        file.write('{"photo": "c\xe4'.encode()[:-1])
    for _ in range(2):
        with Ledger(tmp_path, SETTINGS) as ledger:
            assert ledger.records == {"a.jpg": _record("a.jpg", CROP), "b.jpg": _record("b.jpg")}
            assert [ledger.is_done(name) for name in ("a.jpg", "b.jpg", "c.jpg")] == [True, True, False]
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("c.jpg")])
    with Ledger(tmp_path, SETTINGS) as ledger:
        assert [*ledger.records] == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_photo_whose_crop_is_gone_or_that_could_not_be_read_is_not_done(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("a.jpg", CROP), _record("b.jpg", unreadable=True)])
        assert not ledger.is_done("a.jpg")
        assert not ledger.is_done("b.jpg")
        ledger.add([_record("b.jpg")])
        assert ledger.is_done("b.jpg")


def test_a_photo_that_was_replaced_is_not_done_and_crops_it_no_longer_gives_go(tmp_path):
    other = replace(CROP, file="a.2.png")
    with Ledger(tmp_path, SETTINGS) as ledger:
        for name in ("a.png", "a.2.png"):
            (tmp_path / name).write_bytes(b"")
        ledger.add([replace(_record("a.jpg", CROP, other), state="10 1")])
        assert ledger.is_done("a.jpg", "10 1")
        assert not ledger.is_done("a.jpg", "10 2")
        ledger.add([replace(_record("a.jpg", CROP), state="10 2")])
        assert ledger.is_done("a.jpg", "10 2")
    assert sorted(file.name for file in tmp_path.glob("*.png")) == ["a.png"]


def test_what_is_known_of_a_photo_that_is_gone_goes_when_its_crop_is_another_s(tmp_path):
    other = replace(CROP, file="b.png")
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("a.jpg", CROP), _record("a.webp", CROP), _record("b.jpg", other), _record("c.jpg")])
        ledger.forget({"a.webp"})
        assert [*ledger.records] == ["a.webp", "b.jpg"]  # the crop of b.jpg is there still, and is told


def test_only_a_lock_that_another_holds_is_told_as_such(tmp_path, monkeypatch):
    def without_locks(*_):
        raise OSError(errno.ENOTSUP, "no locks here")

    monkeypatch.setattr(fcntl, "flock", without_locks)
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("a.jpg")])


def test_the_result_holds_all_records_in_order_and_more_can_follow(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("b.jpg"), _record("a.jpg", CROP)])
        assert ledger.finish({"photos": 2}) == tmp_path / RESULT
    assert not (tmp_path / JOURNAL).exists()
    found = json.loads((tmp_path / RESULT).read_text())
    assert (found["settings"], found["summary"]) == (SETTINGS, {"photos": 2})
    assert [item["photo"] for item in found["photos"]] == ["a.jpg", "b.jpg"]
    assert found["photos"][0]["crops"][0]["box"] == [0, 1, 2, 3]
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([_record("c.jpg")])
    with Ledger(tmp_path, SETTINGS) as ledger:
        assert set(ledger.records) == {"a.jpg", "b.jpg", "c.jpg"}


def test_other_settings_are_refused_by_name(tmp_path):
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.add([])
    with pytest.raises(DataError, match="made otherwise: size was 112 and is 128"):
        Ledger(tmp_path, {**SETTINGS, "size": 128})
    with Ledger(tmp_path, SETTINGS) as ledger:
        ledger.finish({})
    with pytest.raises(DataError, match=r"align\.json: the crops were made otherwise"):
        Ledger(tmp_path, {**SETTINGS, "size": 128})


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "a.png").write_bytes(b"mine")
    with pytest.raises(DataError, match="holds other files"):
        Ledger(tmp_path, SETTINGS)
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_a_second_process_is_kept_out(tmp_path):
    with Ledger(tmp_path, SETTINGS), pytest.raises(DataError, match="is being worked on"):
        Ledger(tmp_path, SETTINGS)
    with Ledger(tmp_path, SETTINGS):
        pass


@pytest.mark.parametrize("text", ["{", "[]", '{"settings": {"size": 112, "crop": "box"}, "photos": [{}]}'])
def test_a_damaged_result_is_refused(tmp_path, text):
    (tmp_path / RESULT).write_text(text)
    with pytest.raises(DataError, match=r"align\.json: "):
        Ledger(tmp_path, SETTINGS)


def test_a_damaged_line_is_refused(tmp_path):
    (tmp_path / JOURNAL).write_text(json.dumps(SETTINGS) + "\n{]\n")
    with pytest.raises(DataError, match=r"\.align\.jsonl: is damaged"):
        Ledger(tmp_path, SETTINGS)
