"""What cannot be done is said before the work, and not after hours of it."""

import io
import json
import shutil

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from foveate.data.image_writer import write_image
from foveate.data.pairs import VerificationPairs
from foveate.data.verification_writer import write_verification_bin
from foveate.errors import RecipeError
from foveate.evaluate.sweep import Sweep
from foveate.face_task import FaceTask
from foveate.model_file import read_card, save_model
from foveate.views import FaceViews


@pytest.fixture
def small(pairs, tmp_path):
    """A verification set of faces of 64 pixels, which no network of 112 can be asked about."""
    image = io.BytesIO()
    Image.new("RGB", (64, 64)).save(image, "PNG")
    made = VerificationPairs("small", [image.getvalue()] * 20, pairs.left, pairs.right, pairs.same, pairs.fold)
    write_verification_bin(tmp_path / "small.bin", made)
    return tmp_path / "small.bin"


@pytest.fixture
def burst(teacher, tmp_path):
    """The teacher with weights that let every embedding burst."""
    file = teacher / "model.safetensors"
    tensors = {
        name: value * torch.inf if value.is_floating_point() else value for name, value in load_file(file).items()
    }
    save_model(tmp_path / "burst.safetensors", tensors, read_card(file))
    return tmp_path / "burst.safetensors"


def test_a_test_set_that_cannot_be_judged_ends_training_before_its_first_step(run, faces, small, tiny, tmp_path):
    ended = run("train", "base", "--data", faces, "--test", small, *tiny, "--out", tmp_path / "run")
    assert ended.code == 2
    assert "64 x 64 pixels" in ended.err
    assert not list((tmp_path / "run").rglob("log.jsonl"))


def test_no_model_is_asked_before_every_set_was_looked_at(run, teacher, faces, small, tmp_path):
    ended = run("evaluate", teacher, "--data", faces / "held.bin", small)
    assert ended.code == 2
    assert "64 x 64 pixels" in ended.err
    assert "held" not in ended.out
    ended = run("sweep", teacher, "--data", faces / "held.bin", small, "--side", "14")
    assert "64 x 64 pixels" in ended.err


def test_answers_are_written_as_they_come(run, teacher, burst, faces, tmp_path):
    out = tmp_path / "answers.json"
    ended = run("evaluate", teacher, burst, "--data", faces / "held.bin", "--out", out)
    assert ended.code == 2
    assert list(json.loads(out.read_text())) == [str(teacher)]


def test_a_folder_is_no_file_for_answers(run, teacher, faces, tmp_path):
    for command in (["evaluate", teacher, "--data", faces], ["sweep", teacher]):
        ended = run(*command, "--out", tmp_path)
        assert "it is a folder" in ended.err
        assert ended.code == 2


@pytest.mark.parametrize(
    ("wrong", "words"), [({"far": 0.0}, "--far is 0"), ({"far": 1.0}, "--far is 1"), ({"sides": (14, 2)}, "2 pixels")]
)
def test_curves_that_cannot_be_are_refused(wrong, words, pairs):
    with pytest.raises(RecipeError, match=words):
        Sweep(pairs, FaceViews(), "paper", 112, **wrong)


def test_a_share_beyond_1_is_no_target(run, teacher):
    ended = run("sweep", teacher, "--target", "95", "--side", "14")
    assert "--target is 95" in ended.err
    assert ended.code == 2


@pytest.fixture
def identities(noise, tmp_path):
    """A folder of seven people with LFW's list of pairs beside them."""
    folder = tmp_path / "people"
    for number, image in enumerate(noise):
        write_image(folder / f"p{number // 4}/p{number // 4}_{number % 4 + 1:04d}.jpg", image)
    lines = ["2\t3"]
    for fold in range(2):
        lines += [f"p{3 * fold + each}\t1\t2" for each in range(3)]
        lines += [f"p{3 * fold + each}\t1\tp{3 * fold + (each + 1) % 3}\t2" for each in range(3)]
    (folder / "pairs.txt").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize("named", ["", "pairs.txt"])
def test_pairs_of_the_people_to_train_on_are_no_test(identities, named):
    with pytest.raises(RecipeError, match="of the people to train on"):
        _ = FaceTask(identities, (identities / named,)).tests
    elsewhere = shutil.copytree(identities, identities.parent / "lfw")
    (other,) = FaceTask(identities, (elsewhere,), hold_out=0.0).tests
    assert len(other.same) == 12


def test_flags_that_say_nothing_to_the_sets_are_refused(run, teacher, faces):
    told = run("evaluate", teacher, "--data", faces, "--hold-out", "0.5")
    assert "--hold-out says nothing to the test sets there are" in told.err
    told = run("evaluate", teacher, "--data", faces / "train.rec", "--hold-out", "1.5")
    assert "--hold-out is 1.5" in told.err


def test_records_alone_are_people_of_whom_training_held_some_out(run, faces, tiny, tmp_path):
    for name in ("train.rec", "train.idx", "property"):
        shutil.copy(faces / name, tmp_path / name)
    rec = tmp_path / "train.rec"
    flags = ["--data", rec, "--hold-out", "0.6", *tiny, "--epochs", "1", "--out", tmp_path / "run", "--json"]
    trained = run("train", "base", *flags)
    assert trained.code == 0, trained.err
    judged = run("evaluate", tmp_path / "run", "--data", rec, "--hold-out", "0.6", "--json")
    assert judged.code == 0, judged.err
    (answer,) = judged.json[str(tmp_path / "run")].values()
    (want,) = trained.json["evaluations"].values()
    assert answer["authors"] == want["authors"]
    twice = run("evaluate", tmp_path / "run", "--data", rec, rec, "--hold-out", "0.6")
    assert "two sets are called alike" in twice.err


def test_sets_that_went_away_are_said_to_be_those_of_training(run, faces, tiny, tmp_path):
    data = shutil.copytree(faces, tmp_path / "data")
    assert run("train", "base", "--data", data, *tiny, "--epochs", "1", "--out", tmp_path / "run").code == 0
    shutil.rmtree(data)
    told = run("sweep", tmp_path / "run", "--side", "14")
    assert "cannot be opened from here" in told.err
    assert "Name test sets with --data" in told.err


@pytest.mark.parametrize("command", [["data", "show", "{faces}"], ["data", "split", "{faces}", "--out", "{out}"]])
def test_no_seed_is_below_0(run, faces, tmp_path, command):
    filled = [word.format(faces=faces, out=tmp_path / "parts") for word in command]
    told = run(*filled, "--seed", "-1")
    assert "--seed is -1" in told.err
    assert told.code == 2


def test_a_fault_of_ours_is_json_too(run, monkeypatch, capsys):
    def broken(_arguments):
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("foveate.commands.plan.plan", broken)
    with pytest.raises(ZeroDivisionError):
        run("plan", "--json")
    assert json.loads(capsys.readouterr().out) == {"error": "by chance", "kind": "ZeroDivisionError"}


def test_a_teacher_that_may_not_be_meant_is_said_aloud(run, faces, teacher, tiny, tmp_path):
    shutil.copytree(faces, tmp_path / "faces")
    (tmp_path / "faces/held.bin").unlink()  # so people are held out whom the teacher knows
    flags = ["--teacher", teacher, *tiny, "--epochs", "1"]
    plain = run("train", "askd", "--data", faces, *flags, "--out", tmp_path / "student")
    assert plain.code == 0, plain.err
    assert "WARNING" not in plain.err
    given = ["--data", tmp_path / "faces", "--hold-out", "0.6"]
    told = run("train", "askd", *given, *flags, "--teacher", tmp_path / "student", "--out", tmp_path / "other")
    assert told.code == 0, told.err
    words = " ".join(told.err.split())
    assert "was trained on images made small ('paper 14px') and is shown sharp ones" in words
    assert "it may know some that are held out here" in words


def test_a_sheet_is_not_put_among_the_images(run, faces):
    told = run("data", "show", faces, "--sheet", faces / "contact-sheet.png")
    assert "would be among the images" in told.err
    assert not (faces / "contact-sheet.png").exists()


@pytest.mark.parametrize("command", ["synthesise", "degrade"])
def test_seeds_are_looked_at_before_anything_is_begun(command, run, faces, tmp_path):
    words = {"synthesise": [tmp_path / "out"], "degrade": [faces, "--ratio", "4", "--out", tmp_path / "out"]}
    told = run("data", command, *words[command], "--seed", "-1")
    assert "--seed is -1" in told.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "words", [["search", "askd", "--vary", "weight=1:2", "--trial-flags"], ["study", "table1", "--teacher-flags"]]
)
def test_a_quotation_mark_that_is_not_closed_is_said(words, run, tmp_path):
    *command, flag = words
    told = run(*command, f"{flag}='--epochs", "--out", tmp_path / "out", "--", "--data", "faces")
    assert f"{flag} cannot be read: '--epochs (No closing quotation)" in told.err
    assert told.code == 2
