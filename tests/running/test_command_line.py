"""The command line: help that is fast and complete, answers as text and as JSON, and the files a run leaves."""

import json
import subprocess
import sys

import pytest
from PIL import Image

from foveate.cli import COMMANDS
from foveate.commands.recipe_flags import parse, parse_all
from foveate.data.folder import ImageFolder
from foveate.discover import names
from foveate.model_file import load_model
from foveate.recipes.base import base
from foveate.recipes.widerface_teacher import widerface_teacher

HELP = """
import sys
from foveate.cli import main
assert main(["--help"]) == 0 and main(["train", "--help"]) == 0
heavy = {"torch", "numpy", "matplotlib", "scipy"} & set(sys.modules)
assert not heavy, heavy
"""


def test_help_lists_every_command_and_imports_no_torch():
    ended = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    for name, text in COMMANDS.items():
        assert f"  {name} " in ended.stdout
        assert text in ended.stdout
    assert f"Recipes: {', '.join(names('recipes'))}\n" in ended.stdout


def test_without_a_command_there_is_help_and_the_version_is_known(run):
    assert run().out == run("--help").out
    assert run("--version").out.startswith("foveate 0")


@pytest.mark.parametrize(
    "command",
    [
        ["demo"],
        ["train", "base"],
        ["align"],
        ["detect"],
        ["evaluate"],
        ["report"],
        ["data", "show"],
        ["data", "synthesise"],
        ["data", "check"],
        ["data", "convert"],
        ["data", "split"],
        ["data", "degrade"],
        ["data", "pairs"],
        ["bench"],
        ["search"],
        ["plan"],
        ["study"],
        ["sweep"],
        ["looks"],
        ["import"],
        ["list"],
    ],
    ids=" ".join,
)
def test_every_command_explains_itself_and_knows_json(run, command):
    ended = run(*command, "--help")
    assert ended.code == 0
    assert "--json" in ended.out
    assert f"foveate {' '.join(command)}" in ended.out


def test_every_command_is_among_those_above():
    assert set(COMMANDS) == {
        "demo",
        "train",
        "cache",
        "align",
        "detect",
        "evaluate",
        "report",
        "data",
        "bench",
        "study",
        "looks",
        "import",
        "search",
        "sweep",
        "plan",
        "list",
    }


def test_the_help_of_a_recipe_shows_the_values_of_its_scale(run, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    full, small = run("train", "askd", "--help").out, run("train", "askd", "--scale", "small", "--help").out
    assert "where its sharp-eyed teacher looks" in full
    assert "of the distillation loss (lambda)" in full
    assert "(default: 50)" in full
    assert "(default: 18)" in small
    assert "(default: small)" in small


def test_the_list_is_what_there_is(run):
    listed = run("list", "--json").json
    assert set(listed["recipes"]) >= {"teacher", "base", "askd", "askd_kd"}
    assert set(listed["distill"]) >= {"askd", "kd"}
    assert set(listed["heads"]) >= {"arcface", "softmax"}
    assert all(text for entries in listed.values() for text in entries.values())
    text = run("list").out
    for entries in listed.values():
        assert all(name in text for name in entries)


def test_a_record_folder_is_counted_and_drawn(run, faces, tmp_path):
    sheet = tmp_path / "sheets/sheet.png"
    found = run("data", "show", faces, "--sheet", sheet, "--ratio", "2", "8", "--json").json
    assert found["training"]["images"] == 28
    assert found["training"]["classes"] == 7
    assert found["training"]["images_per_class"] == {"min": 4, "median": 4.0, "max": 4}
    assert found["batch"] == {"images": "(8, 112, 112, 3) torch.uint8", "label": "(8,) torch.int64"}
    assert found["verification"] == [{"set": "held", "pairs": 20, "same": 10, "images": 20}]
    assert found["sheet"] == str(sheet)
    with Image.open(sheet) as image:
        image.load()
        assert (image.format, image.size, image.mode) == ("PNG", (8 * 112, 3 * 112), "RGB")
        low = image.resize((8, 3), Image.Resampling.BOX).convert("L")
        assert low.getextrema()[0] > 40  # noise everywhere: no row was left black


def test_a_folder_of_identities_and_a_single_file_are_shown(run, faces, noise, tmp_path):
    for number, image in enumerate(noise[:6]):
        file = tmp_path / f"folder/person {number // 2}/{number}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image)
    shown = run("data", "show", tmp_path / "folder", "--sheet", tmp_path / "sheet.png", "--json").json
    assert shown["training"]["images"] == 6
    assert shown["training"]["class_list_sha256"] == ImageFolder(tmp_path / "folder").fingerprint()
    with Image.open(tmp_path / "sheet.png") as image:
        assert image.size == (6 * 112, 4 * 112)
    single = run("data", "show", faces / "held.bin", "--sheet", tmp_path / "sheet.png")
    assert "verification held: 20 pairs (10 of one person), 20 images" in single.out
    assert "training" not in single.out
    assert run("data", "show", faces / "train.rec", "--sheet", tmp_path / "sheet.png", "--json").json["training"]


def test_evaluate_judges_a_model_and_compares_it_with_a_teacher(run, faces, teacher, tmp_path):
    file = teacher / "model.safetensors"
    flags = ["--data", faces, "--ratio", "8", "--teacher", file, "--out", tmp_path / "answers.json", "--json"]
    ended = run("evaluate", file, *flags)
    answer = ended.json[str(file)]
    assert json.loads((tmp_path / "answers.json").read_text()) == ended.json
    held, looks = answer["held"], answer["attention on held"]
    assert held["pairs"] == 20
    assert held["degradation"] == "paper 14px"
    for protocol in ("authors", "insightface"):
        assert held[protocol]["low"] <= held[protocol]["accuracy"] <= held[protocol]["high"]
        assert len(held[protocol]["accuracy_by_fold"]) == 10
    assert 0 <= held["auc"] <= 1
    assert set(held["true_accept_rate_at_false_accept_rate"]) == {"0.3", "0.1", "0.01", "0.001"}
    assert {kind: set(stages) for kind, stages in looks.items()} == {
        kind: {"stage1", "stage2", "stage3", "stage4"}
        for kind in ("channel", "channel logits", "spatial", "spatial logits")
    }
    assert looks["channel"]["stage1"]["last"]["images"] == 20
    for record in ("train.rec", "train.idx", "property"):
        (tmp_path / record).write_bytes((faces / record).read_bytes())
    assert "holds no test set" in run("evaluate", file, "--data", faces, tmp_path).err
    text = run("evaluate", file, file, "--data", faces).out
    assert text.count("held at sharp") == 2


def test_a_run_leaves_what_made_it_what_happened_and_what_came_of_it(run, faces, tiny, tmp_path):
    out = tmp_path / "run"
    flags = ["--data", faces, "--out", out, *tiny, "--log-every", "3", "--evaluate-every", "1", "--json"]
    answer = run("train", "base", *flags, "--tensorboard").json
    results = json.loads((out / "results.json").read_text())
    assert answer == {"out": str(out), **results}
    assert set(results) == {"recipe", "seed", "arguments", "degradation", "degradations", "evaluations", "cost"}
    assert (results["recipe"], results["seed"], results["degradation"]) == ("base", 0, "paper 14px")
    assert results["arguments"]["ratio"] == []
    assert results["cost"]["steps"] == 8
    assert results["cost"]["seconds"] > 0
    assert results["evaluations"]["held"]["set"] == "held"
    made = json.loads((out / "run.json").read_text())
    assert made["arguments"] == results["arguments"]
    assert made["environment"]["threads"] == 1
    records = [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]
    steps = [record for record in records if "loss" in record]
    assert [record["step"] for record in steps] == [3, 6, 8]
    for record in steps:
        assert set(record) == {"step", "progress", "learning_rate", "images_per_second", "loss", "losses"}
        assert record["loss"] == record["losses"]["arcface"]
        assert record["progress"] == record["step"] / 8
    assert [record["step"] for record in records if "evaluations" in record] == [4, 8]
    assert records[-1]["evaluations"] == results["evaluations"]
    (events,) = (out / "tensorboard").iterdir()
    assert events.name.startswith("events.out.tfevents")
    assert b"loss/arcface" in events.read_bytes()


def test_a_teacher_that_only_looks_on_changes_no_weight(run, faces, teacher, tiny, tmp_path):
    flags = ["--data", faces, *tiny, "--epochs", "1"]
    assert run("train", "base", *flags, "--out", tmp_path / "alone").code == 0
    watched = run("train", "base", *flags, "--out", tmp_path / "watched", "--teacher", teacher / "model.safetensors")
    assert watched.code == 0
    alone, other = (load_model(tmp_path / name).network.state_dict() for name in ("alone", "watched"))
    assert all(value.equal(other[name]) for name, value in alone.items())


def test_people_that_training_held_out_are_judged_again(run, noise, tiny, tmp_path):
    for number, image in enumerate(noise):
        (tmp_path / f"set/{number // 3}").mkdir(parents=True, exist_ok=True)
        (tmp_path / f"set/{number // 3}/{number}.jpg").write_bytes(image)
    flags = ["--data", tmp_path / "set", "--hold-out", "0.4"]
    trained = run("train", "teacher", *flags, "--out", tmp_path / "run", *tiny, "--epochs", "1", "--json").json
    judged = run("evaluate", tmp_path / "run", *flags, "--json").json[str(tmp_path / "run")]
    assert judged == trained["evaluations"]
    ended = run("evaluate", tmp_path / "run", "--data", tmp_path / "set", "--hold-out", "0.1")
    assert (ended.code, "--hold-out 0.4" in ended.err) == (2, True)


def test_folders_without_runs_are_left_out_of_a_report(run, teacher, tmp_path):
    (tmp_path / "faces").mkdir()
    ended = run("report", teacher, tmp_path / "faces", "--out", tmp_path / "page.html")
    assert ended.code == 0
    assert f"{tmp_path / 'faces'}: no run here, left out" in ended.err
    assert run("report", tmp_path / "faces").code == 2


def test_distillation_logs_each_loss_by_name(run, faces, teacher, tiny, tmp_path):
    flags = ["--data", faces, "--out", tmp_path, *tiny, "--epochs", "1", "--teacher", teacher / "model.safetensors"]
    assert run("train", "askd_kd", *flags, "--precision", "float32", "--weight", "3", "--kd-weight", "2").code == 0
    record = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[0])
    losses = record["losses"]
    assert set(losses) == {"arcface", "askd", "kd"}
    assert record["loss"] == pytest.approx(losses["arcface"] + 3 * losses["askd"] + 2 * losses["kd"], rel=1e-5)
    evaluations = json.loads((tmp_path / "results.json").read_text())["evaluations"]
    assert set(evaluations) == {"held", "attention on held"}


def test_the_last_of_two_scales_counts(run, faces, tmp_path):
    """As of all flags: what a script appends is what is meant."""
    plan = ["train", "base", "--data", faces, "--out", tmp_path / "run"]
    once, twice = (run(*plan, *more, "--scale", "small", "--help").out for more in ([], ["--scale", "full"]))
    assert " ".join(once.split()) == " ".join(twice.split())


FULL, SMALL = (["--scale", name, "--data", "faces"] for name in ("full", "small"))


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ([*FULL, "--epochs", "40"], "--epochs is 40, and --milestones 6 11 15 17 are those of fewer"),
        ([*FULL, "--cycles", "2"], "--cycles says nothing to --schedule steps"),
        ([*FULL, "--floor=0.1"], "--floor says nothing to --schedule steps"),
        ([*SMALL, "--milestones", "2", "3"], "--milestones says nothing to --schedule cosine"),
    ],
)
def test_flags_of_another_schedule_are_refused(flags, words, run):
    ended = run("train", "base", *flags)
    assert words in ended.err
    assert ended.code == 2


@pytest.mark.parametrize(
    ("recipe", "flags", "milestones"),
    [
        (base, [*FULL, "--epochs", "40", "--milestones", "6", "11", "15", "17"], (6, 11, 15, 17)),
        (base, [*FULL, "--epochs", "21"], (6, 11, 15, 17)),
        (base, [*SMALL, "--epochs", "300", "--cycles", "3", "--floor", "0.01"], (6, 11, 15, 17)),
        (widerface_teacher, [*SMALL, "--schedule", "steps", "--milestones", "10", "15"], (10, 15)),
    ],
)
def test_schedules_that_were_asked_for_are_made(recipe, flags, milestones):
    _, (task, *_), _ = parse(recipe, recipe.__name__, flags)
    assert task.scale.milestones == milestones


def test_a_recipe_behind_a_plus_may_have_another_schedule():
    first = ["askd", *SMALL, "--teacher", "t", "--schedule", "steps", "--milestones", "5", "9"]
    one, other = parse_all([*first, "+", "base", "--schedule", "cosine"])
    assert [plan.parts[0].scale.schedule for plan in (one, other)] == ["steps", "cosine"]
