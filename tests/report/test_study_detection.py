"""A study of detectors becomes a table by level with paired gains, and a short one for a page."""

import json

import numpy as np
import pytest

from foveate.evaluate.detection import Found
from foveate.report.study import write_study
from foveate.report.study_page import short_table
from foveate.report.study_summary import summarise_study
from foveate.report.study_tables import tables

PHOTOS = 30


def _run(folder, recipe, seed, skill):
    """A finished run that finds a share of two faces a photo, with a false alarm in each."""
    folder.mkdir(parents=True)
    random = np.random.default_rng([seed, int(100 * skill)])
    photo = np.repeat(np.arange(PHOTOS), 3)
    hit = (np.tile([1, 1, 0], PHOTOS) == 1) & (random.random(3 * PHOTOS) < skill)
    faces = np.stack([np.full(PHOTOS, 2), np.ones(PHOTOS, dtype=int), np.full(PHOTOS, 2)])
    near = np.arange(3 * PHOTOS) % 3 < 2
    fates = np.stack([hit, np.where(np.arange(3 * PHOTOS) % 3 == 1, -hit.astype(int), hit), near]).astype(np.int8)
    found = Found(random.random(3 * PHOTOS) + hit, fates, photo, faces)
    answers = {}
    for name in ("photos, held out", "cmu_mit"):
        levels = {"all": 60, "small": 30} | ({} if "held" in name else {"all at 0.3": 60})
        answers[name] = {
            "average_precision": {level: found.result(place).average_precision for place, level in enumerate(levels)},
            "faces": levels,
            "photos": PHOTOS,
            "degradation": "paper 4x",
        }
    arrays = {f"{name}/{key}": value for name in answers for key, value in found.arrays().items()}
    np.savez(folder / "scores.npz", **arrays)
    cost = {"seconds": 60.0, "images_per_second": 10.0, "steps": 10}
    (folder / "run.json").write_text(json.dumps({"recipe": recipe, "seed": seed, "arguments": {}}))
    content = {"recipe": recipe, "seed": seed, "evaluations": answers, "cost": cost}
    (folder / "results.json").write_text(json.dumps(content))
    return answers["cmu_mit"]["average_precision"]


@pytest.fixture
def study(tmp_path):
    entries = [
        {"group": "4x", "name": name, "label": label, "recipe": f"widerface_{name}", "flags": [], "seeds": 3}
        for name, label in (("base", "Base"), ("askd", "A-SKD"))
    ]
    content = {
        "title": "Detectors",
        "kind": "detection",
        "entries": [{**entry, "published": {"easy": 62.93} if entry["name"] == "askd" else {}} for entry in entries],
        "published_teacher": {"easy": 95.56},
        "teacher": "widerface_teacher",
        "lead": "askd",
        "held_out_beside": True,
    }
    (tmp_path / "setting.json").write_text(json.dumps({"flags": [], "teacher_flags": [], "teacher_seeds": 1}))
    (tmp_path / "mine.json").write_text(json.dumps(content))
    found = {"teacher": [_run(tmp_path / "1x/teacher-0", "widerface_teacher", 0, 0.95)]}
    for name, skill in (("base", 0.4), ("askd", 0.7)):
        found[name] = [_run(tmp_path / f"4x/{name}-{seed}", f"widerface_{name}", seed, skill) for seed in range(3)]
    return tmp_path, found


def test_rows_have_their_precision_at_each_level_and_a_paired_gain(study):
    folder, found = study
    numbers = summarise_study(folder, "mine")
    item = next(item for item in numbers["detection"] if item["set"] == "cmu_mit")
    held = next(item for item in numbers["detection"] if item["set"] == "photos, held out")
    assert [row["paired"] for row in held["rows"]] == [None, None]  # squares share their photos
    base, askd = item["rows"]
    for row, name in ((base, "base"), (askd, "askd")):
        for level in ("all", "small"):
            mean = np.mean([answer[level] for answer in found[name]])
            assert row["precision"][level]["mean"] == pytest.approx(mean)
    assert base["paired"] is None
    gained = askd["paired"]["all"]["difference"]
    assert gained["mean"] == pytest.approx(askd["precision"]["all"]["mean"] - base["precision"]["all"]["mean"])
    assert gained["low"] > 0
    assert askd["paired"]["all"]["p_holm"] >= askd["paired"]["all"]["p"]
    assert 0 < askd["paired"]["all"]["share"]["mean"] < 1


def test_the_headroom_is_of_the_photos_that_training_held_out(study):
    folder, found = study
    (row,) = summarise_study(folder, "mine")["headroom"]
    assert row["headroom"] == pytest.approx(found["teacher"][0]["all"] - found["base"][0]["all"])


def test_tables_show_levels_gains_and_the_papers_numbers(study):
    folder, _ = study
    numbers, _ = write_study(folder, "mine")
    (headroom, *_, table, loose) = tables(numbers)
    assert "photos kept out of training (average precision" in headroom[0]
    caption, heads, rows = table
    assert caption == "cmu_mit: average precision in 30 photos with 60 all, 30 small faces"
    assert len({len(heads), *map(len, rows)}) == 1
    assert [row[1] for row in rows] == ["Teacher", "Base", "A-SKD"]
    assert rows[0][-1] == "easy 95.56"
    assert rows[2][-1] == "easy 62.93"
    assert rows[2][4].startswith("+")
    caption, heads, rows = loose
    assert caption == "cmu_mit: average precision at an overlap of 0.3 in 30 photos with 60 all faces"
    assert heads[3] == "AP all at 0.3 (%)"
    near = numbers["detection"][-1]["rows"][1]["precision"]["all at 0.3"]["mean"]
    assert rows[2][3].startswith(f"{100 * near:.2f}")
    assert rows[2][3] != table[2][2][3]
    assert "AP small (%)" in (folder / "mine.md").read_text()
    short = short_table(numbers).splitlines()
    assert len(short) == 5
    assert r"cmu\_mit: AP all (%)" in short[0]
    assert "held out" not in short[0]
