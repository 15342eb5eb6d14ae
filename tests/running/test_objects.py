"""Object classification on one's own folder: teacher, students, other networks, evaluation and study."""

import json

import numpy as np
import pytest
import torch

from foveate.data.encode import encode
from foveate.data.image_writer import write_image
from foveate.model_file import load_model

SIZES = {"width": 4, "reduction": 2, "size": 40, "batch": 8, "epochs": 1}
TINY = ["--scale", "small", *(f"--{name}={value}" for name, value in SIZES.items())]
VIT = ["--scale", "small", "--backbone", "timm", "--model", "test_vit", "--attention", "none", "--size", "64"]
VIT += ["--batch", "8", "--epochs", "1"]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Three classes of noise in the colour of the class, of several sizes: 24 to train on, 9 to test on."""
    folder, random = tmp_path_factory.mktemp("photos"), np.random.default_rng(0)
    for part, count in (("train", 8), ("val", 3)):
        for label, name in enumerate(("apple", "leaf", "sky")):
            for number in range(count):
                photo = random.integers(0, 100, (40 + number, 36, 3), dtype=np.uint8)
                photo[..., label] += 120
                write_image(folder / part / name / f"{number}.jpg", encode(photo))
    return folder


@pytest.fixture
def train(run, photos, tmp_path):
    """Trains a recipe on the photos."""

    def train(recipe, *flags, out, network=TINY):
        folder = tmp_path / out
        ended = run("train", recipe, "--data", photos, *network, *flags, "--out", folder, "--json")
        assert ended.code == 0, ended.err
        return folder, ended.json

    return train


def test_a_folder_of_ones_own_becomes_a_student_in_three_commands(train, run, photos):
    teacher, found = train("imagenet_teacher", "--epochs", "12", out="teacher")
    name = photos.name
    assert found["evaluations"][name]["degradation"] == "sharp"
    assert set(found["evaluations"]) == {name, *(f"{name} at paper {side}px" for side in (20, 10, 5))}
    student, found = train("imagenet_askd_kd", "--teacher", teacher, "--ratio", "4", out="student")
    assert found["evaluations"][name]["degradation"] == "paper 10px"
    assert found["evaluations"][f"attention on {name}"]["spatial"].keys() == {"stage1", "stage2", "stage3", "stage4"}
    with np.load(student / "scores.npz") as arrays:
        assert arrays[f"{name}/place"].shape == (9,)
    judged = run("evaluate", student, teacher, "--data", photos, "--json")
    assert judged.code == 0, judged.err
    own = judged.json[str(student)][name]
    assert own == found["evaluations"][name]
    sharp = run("evaluate", student, "--data", photos / "train", "--ratio", "1", "--json").json[str(student)]["train"]
    assert (sharp["degradation"], sharp["images"]) == ("sharp", 24)
    both = run("evaluate", student, "--data", photos, "--ratio", "2", "4", "--preset", "paper", "--json")
    found = {name: answer["degradation"] for name, answer in both.json[str(student)].items()}
    assert found == {f"{name} at {title}": title for title in ("paper 20px", "paper 10px")}
    assert both.json[str(student)][f"{name} at paper 10px"]["top1"] == own["top1"]
    twice = run("evaluate", student, "--data", photos, photos)
    assert f"two test sets are called '{name}'" in twice.err
    assert "does not recognise faces" in run("sweep", student).err


def test_colours_can_be_learnt(train, photos):
    _, found = train("imagenet_teacher", "--epochs", "12", "--learning-rate", "0.1", out="longer")
    assert found["evaluations"][photos.name]["top1"] > 0.6  # 0.33 by chance


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(train, run, photos, tmp_path):
    teacher, _ = train("imagenet_teacher", out="teacher")
    flags = ["--teacher", teacher, "--epochs", "3"]
    whole, found = train("imagenet_askd_kd", *flags, "--checkpoint-every", "2", out="whole")
    other = tmp_path / "other"
    (other / "checkpoints").mkdir(parents=True)
    steps = sorted(each.name for each in (whole / "checkpoints").iterdir())
    (whole / "checkpoints" / steps[0]).rename(other / "checkpoints" / steps[0])
    card = json.loads((whole / "run.json").read_text())
    (other / "run.json").write_text(json.dumps(card))
    ended = run("train", "imagenet_askd_kd", "--data", photos, *TINY, *flags, "--out", other, "--resume", "--json")
    assert ended.code == 0, ended.err
    one, two = (load_model(each / "model.safetensors").network.state_dict() for each in (whole, other))
    assert all(torch.equal(one[name], two[name]) for name in one)
    assert ended.json["evaluations"] == found["evaluations"]


def test_a_deeper_and_wider_teacher_is_matched_by_stage(train, run, photos, tmp_path):
    wide = [*TINY, "--width", "8", "--depth", "34"]
    teacher, _ = train("imagenet_teacher", out="wide", network=wide)
    _, found = train("imagenet_askd_kd", "--teacher", teacher, "--match", "stage", "--kinds", "spatial", out="narrow")
    assert not any(name.startswith("attention on") for name in found["evaluations"])  # nothing to compare one by one
    refused = run("train", "imagenet_askd", "--data", photos, *TINY, "--teacher", teacher, "--out", tmp_path / "no")
    assert refused.code != 0
    assert "another architecture" in refused.err
    assert "--match stage" in refused.err
    wrong = ["--match", "stage", "--teacher", teacher, "--out", tmp_path / "no"]
    refused = run("train", "imagenet_askd", "--data", photos, *TINY, *wrong)
    assert refused.code != 0
    assert "has shape (4, 1, 1), the teacher's (8, 1, 1)" in refused.err


def test_a_transformer_of_timm_learns_where_its_teacher_looks(train):
    teacher, _ = train("imagenet_teacher", out="vit", network=VIT)
    student, _ = train("imagenet_vit_askd", "--teacher", teacher, "--tokens", "class", out="small", network=VIT)
    steps = [json.loads(line) for line in (student / "log.jsonl").read_text().splitlines()]
    assert set(next(step for step in steps if "losses" in step)["losses"]) == {"softmax", "askd", "kd"}


def test_a_transformer_begins_as_with_any_other_recipe(train):
    teacher, _ = train("imagenet_teacher", out="vit", network=VIT)
    flags = ["--teacher", teacher, "--learning-rate", "1e-12"]
    one, other = (
        load_model(train(recipe, *flags, out=recipe, network=VIT)[0]).network.state_dict()
        for recipe in ("imagenet_kd", "imagenet_vit_askd")
    )
    for name, value in one.items():
        torch.testing.assert_close(value, other[name], rtol=1e-4, atol=1e-6)


def test_photos_of_other_classes_and_models_of_faces_beside_are_refused(train, run, photos, teacher, tmp_path):
    model, _ = train("imagenet_teacher", out="teacher")
    for name in ("cat", "dog"):
        write_image(tmp_path / "two" / name / "0.jpg", encode(np.zeros((9, 9, 3), dtype=np.uint8)))
    refused = run("evaluate", model, "--data", tmp_path / "two")
    assert refused.code != 0
    assert "have 2 classes" in refused.err
    refused = run("evaluate", model, teacher, "--data", photos)
    assert refused.code != 0
    assert "Evaluate it alone" in refused.err


def test_photos_that_training_held_out_are_the_ones_a_model_is_judged_on(train, run, photos, tmp_path):
    model = tmp_path / "model"
    classes = photos / "train"  # brings no photos to test on
    trained = run("train", "imagenet_base", "--data", classes, *TINY, "--hold-out", "0.25", "--out", model, "--json")
    assert trained.code == 0, trained.err
    judged = run("evaluate", model, "--data", classes, "--json")
    assert judged.json[str(model)]["train"] == trained.json["evaluations"]["train"]
    assert judged.json[str(model)]["train"]["images"] == 6
    whole, _ = train("imagenet_teacher", out="whole")  # trained on all of them
    judged = run("evaluate", whole, "--data", classes, "--json")
    assert judged.json[str(whole)]["train"]["images"] == 24
    assert "was trained on these photos" in " ".join(judged.err.split())


def test_a_cache_is_refused_because_photos_are_cropped_anew(train, run, photos, tmp_path):
    teacher, _ = train("imagenet_teacher", out="teacher")
    flags = ["--teacher", teacher, "--cache", tmp_path / "cache", "--out", tmp_path / "student"]
    refused = run("train", "imagenet_askd", "--data", photos, *TINY, *flags)
    assert refused.code != 0
    assert "Do without --cache" in refused.err


def test_table_4_is_a_study_of_its_recipes(run, photos, tmp_path):
    flags = ["--data", photos, *TINY]
    out = tmp_path / "objects"
    listed = run("study", "table4", "--out", out, "--dry-run", "--json", "--", *map(str, flags))
    assert listed.code == 0, listed.err
    commands = listed.json
    assert sum(" imagenet_teacher " in command for command in commands) == 4  # three, and one for the headroom
    assert sum("/4x/" in command for command in commands) == 18
    only = ["--only", "4x/base-0", "4x/askd_kd-0", "--seeds", "1"]
    made = run("study", "table4", "--out", out, *only, "--json", "--", *map(str, flags))
    assert made.code == 0, made.err
    base, best = made.json["classification"][0]["rows"]
    assert (base["label"], best["label"]) == ("Base", "A-SKD+KD")
    assert best["paired"]["seeds"] == [0]
    assert best["cost"]["gflops"] > base["cost"]["gflops"] > 0
    assert "A-SKD+KD" in (out / "table4.md").read_text()
    (out / "4x" / "kd-0").mkdir()
    (out / "4x" / "kd-0" / "run.json").write_text("damaged")
    failed = run("study", "table4", "--out", out, "--only", "4x/kd-0", "--seeds", "1", "--json")
    assert failed.code == 1
    assert "4x/kd-0" in failed.err
    assert failed.json["classification"] == made.json["classification"]
