"""The subcommands of foveate data, from the command line: what they print, their exit codes, and what a run records."""

import json
import shutil

import numpy as np
import pytest

from foveate.cli import main
from foveate.data.decode import decode
from foveate.data.draw_pairs import draw_pairs
from foveate.data.encode import encode
from foveate.data.folder import ImageFolder
from foveate.data.image_writer import write_image
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.verification_writer import write_verification_bin
from foveate.doctor.manifest import manifest_hash
from foveate.model_file import read_card


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A drawn set as the command leaves it, with its manifest."""
    folder = tmp_path_factory.mktemp("drawn") / "set"
    flags = ["--identities", "24", "--images", "3", "--test-identities", "20", "--json"]
    assert main(["data", "synthesise", str(folder), *flags]) == 0
    return folder


def test_a_clean_set_is_safe(run, drawn):
    ended = run("data", "check", drawn, "--strict", "--json")
    assert (ended.code, ended.json["exit_code"], ended.json["findings"]) == (0, 0, [])
    assert [each["set"] for each in ended.json["sets"]] == ["training", "drawn_held"]
    assert run("data", "check", drawn).out.endswith("safe to train on: 0 errors, 0 warnings, 0 notes\n")


def test_a_folder_without_training_images_is_not_called_safe_to_train_on(run, drawn, tmp_path):
    shutil.copytree(drawn, tmp_path / "whole/train")
    (tmp_path / "whole/train/drawn_held.bin").rename(tmp_path / "whole/drawn_held.bin")
    said = run("data", "check", tmp_path / "whole").out
    assert "safe to train on" not in said
    assert "no training images were looked at" in said


def test_warnings_count_when_that_is_wanted_and_errors_always(run, drawn, tmp_path):
    assert run("data", "convert", drawn, tmp_path / "folder", "--to", "folder").code == 0
    (tmp_path / "folder/manifest.json").unlink()
    images = sorted((tmp_path / "folder/05").iterdir())
    for image in images[1:]:
        image.unlink()
    relaxed, strict = (run("data", "check", tmp_path / "folder", *flags) for flags in ([], ["--strict"]))
    assert (relaxed.code, strict.code) == (0, 1)
    assert "WARNING single images: " in relaxed.out
    assert "    identity 05" in relaxed.out
    images[0].write_bytes(b"nothing")
    broken = run("data", "check", tmp_path / "folder", "--json")
    assert (broken.code, broken.json["exit_code"], broken.json["errors"]) == (2, 2, 1)
    assert "ERROR unreadable: 1 image of " in run("data", "check", tmp_path / "folder").out


def test_a_test_set_is_compared_with_the_training_set(run, drawn, tmp_path):
    flags = ["--against", drawn / "drawn_held.bin", "--json"]
    assert run("data", "check", drawn / "train.rec", *flags).code == 0
    both = run("data", "check", drawn / "train.rec", "--against", drawn, "--json")
    assert [each["set"] for each in both.json["sets"]] == ["training", "drawn_held"]


def test_prepared_sets_are_read_by_the_next_command(run, drawn, tmp_path):
    steps = [
        ["split", drawn, "--share", "0.5", "--out", tmp_path / "parts"],
        ["convert", tmp_path / "parts/held", tmp_path / "held", "--to", "folder"],
        ["degrade", tmp_path / "held", "--ratio", "4", "--out", tmp_path / "low"],
        ["check", tmp_path / "parts/train", "--against", tmp_path / "parts/held"],
    ]
    answers = [run("data", *step, "--json") for step in steps]
    assert [answer.code for answer in answers] == [0, 0, 0, 0]
    assert answers[0].json == {"path": str(tmp_path / "parts"), "train": 12, "held": 12}
    assert [f"{drawn}: drawn_held.bin stay where they are" in answer.err for answer in answers] == [True] + 3 * [False]
    assert answers[1].json == {"path": str(tmp_path / "held"), "layout": "folder"}
    assert answers[2].json == {"path": str(tmp_path / "low"), "degradation": "paper 28px", "sets": ["training"]}
    shown = run("data", "show", tmp_path / "low", "--sheet", tmp_path / "sheet.png")
    assert "by 'degrade' from held (preset paper, ratio [4], side [], seed 0)" in shown.out
    found = run("data", "show", tmp_path / "low", "--sheet", tmp_path / "sheet.png", "--json").json["manifest"]
    assert found["sha256"] == manifest_hash(tmp_path / "low/manifest.json")
    assert found["made"]["source"]["manifest_sha256"] == manifest_hash(tmp_path / "held/manifest.json")
    assert run("data", "split", drawn, "--share", "0.5", "--out", tmp_path / "parts").code == 2


def test_photos_that_make_no_batch_are_counted_and_shown_all_the_same(run, tmp_path):
    for name, side in (("a", 20), ("b", 30)):
        write_image(tmp_path / "raw" / name / "1.jpg", encode(np.zeros((side, 40, 3), np.uint8)))
    shown = run("data", "show", tmp_path / "raw", "--sheet", tmp_path / "sheet.png")
    assert shown.code == 0
    assert "a batch: images none, since images are of 20 x 40 and 30 x 40 pixels: cut the faces out first" in shown.out
    assert (tmp_path / "sheet.png").is_file()


def test_pairs_are_drawn_by_the_command(run, drawn, tmp_path):
    ended = run("data", "pairs", drawn, "--pairs", "60", "--out", tmp_path / "own.bin", "--json")
    assert {key: ended.json[key] for key in ("pairs", "same", "folds")} == {"pairs": 60, "same": 30, "folds": 10}
    shown = run("data", "show", tmp_path / "own.bin", "--sheet", tmp_path / "sheet.png")
    assert "verification own: 60 pairs (30 of one person)" in shown.out


@pytest.fixture(scope="module")
def trained(drawn, tmp_path_factory, tiny):
    out = tmp_path_factory.mktemp("trained") / "run"
    flags = ["--data", str(drawn), "--out", str(out), *tiny, "--epochs", "1"]
    assert main(["train", "base", *flags]) == 0
    return out


def test_a_run_names_the_manifest_of_its_data(drawn, trained):
    described = json.loads((trained / "run.json").read_text())["data"]
    assert described["manifest_sha256"] == manifest_hash(drawn / "manifest.json")
    assert described["colour"]["order"] == "rgb"
    assert read_card(trained / "model.safetensors")["data"] == described


def test_data_without_a_manifest_leave_no_note(teacher):
    assert "data" not in json.loads((teacher / "run.json").read_text())
    assert "data" not in read_card(teacher / "model.safetensors")


def test_evaluation_warns_of_swapped_colours_and_moved_faces(run, drawn, trained, tmp_path):
    run("data", "convert", drawn, tmp_path / "folder", "--to", "folder")
    images = ImageFolder(tmp_path / "folder")
    pixels = [decode(images.encoded(place), file=None, record=None) for place in range(len(images))]
    changes = {
        "swapped": (lambda face: face[..., ::-1], "colour order of swapped is bgr, that of the training set rgb"),
        "moved": (lambda face: np.roll(face, 12, 0), "pixels apart"),
        "alike": (lambda face: face[:, ::-1], None),
    }
    for name, (change, warning) in changes.items():
        rows = [(encode(change(face)), number // 3) for number, face in enumerate(pixels)]
        write_insightface(tmp_path / name, rows, classes=24)
        write_verification_bin(
            tmp_path / f"{name}.bin", draw_pairs(InsightFaceRecords(tmp_path / name), name=name, pairs=40)
        )
        ended = run("evaluate", trained, "--data", tmp_path / f"{name}.bin")
        assert ended.code == 0
        assert ("WARNING" in ended.err) == (warning is not None)
        assert warning is None or warning in ended.err.replace("\n", " ")
