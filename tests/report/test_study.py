"""Runs of a study become tables with intervals, paired tests and the share of the headroom that was recovered."""

import json

import numpy as np
import pytest

from foveate.errors import DataError
from foveate.report.reading import Recorded
from foveate.report.study import _figures, write_study
from foveate.report.study_faces import HEADS
from foveate.report.study_page import short_table, update_page
from foveate.report.study_paired import found_first
from foveate.report.study_summary import summarise_study
from foveate.report.study_text import as_latex, as_markdown

PEOPLE, EACH = 40, 12


def _run(folder, recipe, seed, accuracy, *, held_out=False, looks=0.5):
    """A finished run whose verdicts are drawn with an accuracy."""
    folder.mkdir(parents=True)
    left = np.repeat(np.arange(PEOPLE), EACH)
    right = np.where(np.arange(len(left)) % 2, left, (left + 3) % PEOPLE)
    correct = np.random.default_rng([seed, *map(ord, str(folder.name))]).random(len(left)) < accuracy
    own = np.clip(accuracy + np.random.default_rng(seed).normal(scale=0.03, size=PEOPLE), 0, 1)
    kept = {"correct": correct, "left": left, "right": right}
    kept |= {"all_same": 6 * own, "all_same_pairs": np.full(PEOPLE, 6)}
    kept |= {"all_different": np.full(PEOPLE, 90 * own.mean()), "all_different_pairs": np.full(PEOPLE, 90)}
    np.savez(folder / "scores.npz", **{f"lfw/{key}": value for key, value in kept.items()})
    found = float(correct.mean())
    value = {
        "pairs": len(left),
        "images": 70,
        "degradation": "sharp" if folder.name.startswith("teacher") else "paper 14px",
        "authors": {"accuracy": found},
        "insightface": {"accuracy": found},
        "all_pairs": {
            "auc": found,
            "equal_error_rate": 1 - found,
            "true_accept_rate_at_false_accept_rate": {"0.01": 0.5},
        },
    }
    r = {"pooled": looks + 0.2, "centred": looks, "per_image": looks}
    evaluations = {
        "held-out faces" if held_out else "lfw": value,
        "attention on lfw": {"spatial": {"stage1": {"last": r}}},
    }
    cost = {"seconds": 60.0, "images_per_second": 300.0, "steps": 10}
    (folder / "run.json").write_text(json.dumps({"recipe": recipe, "seed": seed, "arguments": {}}))
    content = {"recipe": recipe, "seed": seed, "evaluations": evaluations, "cost": cost}
    (folder / "results.json").write_text(json.dumps(content))
    return found


@pytest.fixture
def study(tmp_path):
    """Two teachers, Base, a method that is better, and one that is not and has a seed less; one row has no run yet."""
    entry = {"group": "8x", "recipe": "askd", "flags": [], "seeds": 3, "published": {}}
    rows = [("base", "Base"), ("better", "Better"), ("alike", "Alike"), ("late", "Late_one")]
    content = {
        "title": "A study",
        "kind": "verification",
        "entries": [{**entry, "name": name, "label": label} for name, label in rows],
        "published_teacher": {"AgeDB-30": 93.78},
        "flags": ["--data", "faces"],
        "teacher_flags": [],
        "teacher_seeds": 2,
    }
    content["entries"][1]["published"] = {"AgeDB-30": 79.0}
    setting = {key: content.pop(key) for key in ("flags", "teacher_flags", "teacher_seeds")}
    (tmp_path / "setting.json").write_text(json.dumps(setting))
    (tmp_path / "mine.json").write_text(json.dumps(content))
    accuracies = {"1x/teacher": (0.95, 2), "8x/base": (0.7, 3), "8x/better": (0.85, 3), "8x/alike": (0.7, 2)}
    found = {
        name: [_run(tmp_path / f"{name}-{seed}", name.split("/")[1], seed, accuracy) for seed in range(seeds)]
        for name, (accuracy, seeds) in accuracies.items()
    }
    found["headroom"] = [
        _run(tmp_path / "headroom" / name, "base", 0, accuracy, held_out=True)
        for name, accuracy in (("teacher-0", 0.9), ("8x-base-0", 0.8))
    ]
    return tmp_path, found


def test_means_differences_and_shares_are_those_of_the_runs(study):
    folder, found = study
    numbers = summarise_study(folder, "mine")
    (item,) = numbers["sets"]
    base, better, alike = item["rows"]
    assert base["paired"] is None
    assert item["ceiling"]["accuracy"]["values"] == found["1x/teacher"]
    assert better["accuracy"]["mean"] == pytest.approx(np.mean(found["8x/better"]))
    gain = np.mean(found["8x/better"]) - np.mean(found["8x/base"])
    paired = better["paired"]
    assert paired["difference"]["mean"] == pytest.approx(gain)
    assert 0 < paired["difference"]["low"] < gain < paired["difference"]["high"]
    assert paired["share"]["mean"] == pytest.approx(gain / (np.mean(found["1x/teacher"]) - np.mean(found["8x/base"])))
    assert paired["error_reduction"] == pytest.approx(gain / (1 - np.mean(found["8x/base"])))
    assert paired["p"] <= paired["p_holm"] < 0.05
    assert paired["mcnemar_sure"] == 3
    assert alike["paired"]["seeds"] == alike["seeds"] == [0, 1]
    fewer = np.mean(found["8x/alike"]) - np.mean(found["8x/base"][:2])
    assert alike["paired"]["difference"]["mean"] == pytest.approx(fewer)
    assert alike["paired"]["mcnemar_sure"] == 0
    top, bottom = found["headroom"]
    (room,) = numbers["headroom"]
    assert room == {"group": "8x", "teacher": top, "base": bottom, "headroom": pytest.approx(top - bottom)}
    assert numbers["missing"] == ["8x/alike-2", "8x/late-0", "8x/late-1", "8x/late-2"]


def _photo_run(folder, recipe, seed, shares):
    """A finished run that was judged on 400 photos at two resolutions."""
    folder.mkdir(parents=True)
    evaluations, arrays = {}, {}
    for name, share in zip(("things", "things at paper 14px"), shares, strict=True):
        random = np.random.default_rng([seed, int(1000 * share)])
        place = np.where(random.random(400) < share, 0, random.integers(1, 8, 400))
        evaluations[name] = {"top1": float((place == 0).mean()), "top5": float((place < 5).mean()), "images": 400}
        evaluations[name]["degradation"] = "sharp" if name == "things" else "paper 14px"
        arrays[f"{name}/place"] = place.astype(np.int32)
    np.savez(folder / "scores.npz", **arrays)
    (folder / "run.json").write_text(json.dumps({"recipe": recipe, "seed": seed, "arguments": {}}))
    cost = {"seconds": 60.0, "images_per_second": 300.0, "steps": 10}
    content = {"recipe": recipe, "seed": seed, "evaluations": evaluations, "cost": cost}
    (folder / "results.json").write_text(json.dumps(content))
    return evaluations["things"]["top1"]


def test_a_study_of_photos_has_shares_gains_and_what_leads(tmp_path):
    entry = {"group": "4x", "flags": [], "seeds": 4, "published": {}}
    names = {"base": "Base", "rkd": "RKD+KD", "askd_kd": "A-SKD+KD"}
    entries = [{**entry, "name": name, "label": label, "recipe": f"imagenet_{name}"} for name, label in names.items()]
    content = {
        "title": "Photos",
        "kind": "classification",
        "entries": entries,
        "published_teacher": {"ImageNet": 70.13},
    }
    content |= {"teacher": "imagenet_teacher", "lead": "askd_kd"}
    (tmp_path / "setting.json").write_text(json.dumps({"flags": [], "teacher_flags": [], "teacher_seeds": 4}))
    (tmp_path / "mine.json").write_text(json.dumps(content))
    shares = {"1x/teacher": (0.9, 0.5), "4x/base": (0.6, 0.4), "4x/rkd": (0.65, 0.4), "4x/askd_kd": (0.8, 0.4)}
    found = {
        name: [_photo_run(tmp_path / f"{name}-{seed}", name.split("/")[1], seed, share) for seed in range(4)]
        for name, share in shares.items()
    }
    _photo_run(tmp_path / "headroom/teacher-0", "imagenet_teacher", 0, (0.9, 0.5))
    _photo_run(tmp_path / "headroom/4x-base-0", "imagenet_base", 0, (0.6, 0.4))
    numbers = summarise_study(tmp_path, "mine")
    own, at = numbers["classification"]
    assert (own["set"], at["set"], own["images"]) == ("things", "things at paper 14px", 400)
    base, rkd, best = own["rows"]
    assert base["paired"] is None
    gain = np.mean(found["4x/askd_kd"]) - np.mean(found["4x/base"])
    room = np.mean(found["1x/teacher"]) - np.mean(found["4x/base"])
    assert best["paired"]["difference"]["mean"] == pytest.approx(gain)
    assert best["paired"]["share"]["mean"] == pytest.approx(gain / room)
    assert best["paired"]["p_holm"] < 0.05
    assert at["rows"][2]["paired"]["share"] is None  # a teacher at low resolution is no ceiling
    (row,) = own["against"]
    assert row["label"] == "RKD+KD"
    lead = np.mean(found["4x/askd_kd"]) - np.mean(found["4x/rkd"])
    assert row["accuracy"]["difference"]["mean"] == pytest.approx(lead)
    (headroom,) = numbers["headroom"]
    assert headroom["headroom"] == pytest.approx(0.3, abs=0.06)
    text = as_markdown(numbers)
    assert "| A-SKD+KD against | Seeds | Accuracy (points) | p (Holm) |" in text
    assert "things: 400 photos" in text
    assert "70.13" in text
    assert rkd["label"] in as_latex(numbers)
    files = write_study(tmp_path, "mine")[1]
    assert tmp_path / "mine-accuracy.svg" in files
    page = tmp_path / "page.md"
    page.write_text("<!-- study mine --><!-- end -->")
    update_page(page, "mine", numbers)
    assert "Top-1 (%)" in page.read_text()


def test_a_teacher_is_no_ceiling_on_faces_that_are_small_by_nature(study):
    folder, _ = study
    for file in (folder / "1x").glob("*/results.json"):
        file.write_text(file.read_text().replace('"sharp"', '"native"'))
    _, better, _ = summarise_study(folder, "mine")["sets"][0]["rows"]
    assert better["paired"]["difference"]["mean"] > 0
    assert better["paired"]["share"] is better["area"]["share"] is None


def test_areas_of_all_pairs_are_compared_too(study):
    folder, _ = study
    base, better, alike = summarise_study(folder, "mine")["sets"][0]["rows"]
    assert base["area"] is None
    area = better["area"]
    assert area["difference"]["mean"] == pytest.approx(0.15, abs=0.01)
    assert area["difference"]["low"] > 0
    assert area["share"]["mean"] == pytest.approx(0.6, abs=0.05)
    assert area["p"] <= area["p_holm"] < 0.05 < alike["area"]["p_holm"]
    file = folder / "8x/better-1/scores.npz"
    with np.load(file) as arrays:
        kept = {key: value for key, value in arrays.items() if "all_" not in key}
    np.savez(file, **kept)
    assert summarise_study(folder, "mine")["sets"][0]["rows"][1]["area"] is None


def test_the_leading_method_is_compared_with_the_others(study):
    folder, found = study
    file = folder / "mine.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "lead": "better"}))
    numbers = summarise_study(folder, "mine")
    (row,) = numbers["sets"][0]["against"]
    assert (row["label"], row["seeds"]) == ("Alike", [0, 1])
    gain = np.mean(found["8x/better"][:2]) - np.mean(found["8x/alike"])
    assert row["accuracy"]["difference"]["mean"] == pytest.approx(gain)
    assert row["area"]["difference"]["mean"] == pytest.approx(0.15, abs=0.01)
    assert row["accuracy"]["p_holm"] < 0.05
    assert f"| 8x | Alike | 2 | +{100 * gain:.2f} [" in as_markdown(numbers)


def test_every_number_stands_in_both_tables_and_figures_are_drawn(study):
    folder, found = study
    numbers, files = write_study(folder, "mine")
    assert {file.name for file in files} == {
        *("mine.md", "mine.tex", "mine-numbers.json"),
        *(f"mine-{name}.{ending}" for name in ("accuracy", "correlation-8x") for ending in ("png", "svg")),
    }
    assert all(file.stat().st_size for file in files)
    markdown, latex = (folder / "mine.md").read_text(), (folder / "mine.tex").read_text()
    mean = f"{100 * np.mean(found['8x/better']):.2f}"
    row = next(line for line in markdown.splitlines() if "Better" in line and mean in line)
    assert row.count("|") == len(HEADS) + 1
    assert "| 3 of 3 |" in row
    assert "79.00" in row
    assert mean in latex
    assert "93.78" in markdown
    assert "| 8x | Better | spatial | mean maps subtracted | 0.50 |" in markdown
    assert markdown.endswith("Not finished: 8x/alike (seed 2), 8x/late (0\N{EN DASH}2).\n")
    assert json.loads((folder / "mine-numbers.json").read_text())["title"] == numbers["title"]
    assert write_study(folder, "mine")[1] == files
    assert (folder / "mine.md").read_text() == markdown == as_markdown(numbers)


def test_correlations_that_some_seeds_lack_say_of_how_many_they_are(study):
    folder, _ = study
    file = folder / "8x/better-1/results.json"
    results = json.loads(file.read_text())
    looks = results["evaluations"]["attention on lfw"]
    looks["spatial logits"] = {"stage1": {"last": {"pooled": 0.9, "centred": 0.8, "per_image": None}}}
    file.write_text(json.dumps(results))
    numbers, files = write_study(folder, "mine")
    assert "| 8x | Better | spatial logits | mean maps subtracted (1 of 3 seeds) | 0.80 |" in as_markdown(numbers)
    assert all("logits" not in file.read_text() for file in files if file.name == "mine-correlation-8x.svg")


def test_runs_of_another_precision_are_named(study):
    folder, _ = study
    for name in ("8x/better-0", "8x/better-1"):
        card = json.loads((folder / name / "run.json").read_text())
        (folder / name / "run.json").write_text(json.dumps({**card, "precision": "float32"}))
    numbers, _ = write_study(folder, "mine")
    assert numbers["float32"] == ["8x/better-0", "8x/better-1"]
    text = "Trained in float32, the others in bf16: 8x/better (0, 1)."
    assert text in (folder / "mine.md").read_text().splitlines()
    for file in folder.glob("*/*/run.json"):
        file.write_text(json.dumps({**json.loads(file.read_text()), "precision": "float32"}))
    assert "Trained in float32" not in as_markdown(write_study(folder, "mine")[0])


def test_a_page_keeps_its_short_table_up_to_date(study, tmp_path):
    numbers, page = summarise_study(study[0], "mine"), tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- study mine -->\nold\n<!-- end -->\n\nmore\n")
    update_page(page, "mine", numbers)
    text = page.read_text()
    assert text.startswith("# Page\n\n<!-- study mine -->\n\n|  | Method | Seeds | LFW: accuracy")
    assert text.endswith("|\n\n<!-- end -->\n\nmore\n")
    assert "old" not in text
    better = numbers["sets"][0]["rows"][1]
    assert f"| 8x | Better | 3 | {100 * better['accuracy']['mean']:.2f} [" in text
    assert f"+{100 * better['area']['difference']['mean']:.2f} [" in text
    update_page(page, "mine", numbers)
    assert page.read_text() == text
    with pytest.raises(DataError, match="no place for other"):
        update_page(page, "other", numbers)


def test_a_page_says_nothing_of_sets_that_a_row_was_not_judged_on(study):
    numbers = summarise_study(study[0], "mine")
    first = numbers["sets"][0]
    other = {**first, "set": "agedb", "rows": first["rows"][1:2]}
    first = {**first, "rows": first["rows"][:1]}
    lines = short_table({**numbers, "sets": [first, other]}).splitlines()
    cells = {line.split(" | ")[1].strip(): [cell.strip(" |") for cell in line.split(" | ")] for line in lines[2:]}
    assert cells["Base"][3:] == [cells["Base"][3], *["\N{EN DASH}"] * 7]
    assert cells["Better"][3:7] == ["\N{EN DASH}"] * 4
    assert "[" in cells["Better"][7]


def test_probes_without_a_mate_are_no_verdicts(tmp_path):
    np.savez(
        tmp_path / "scores.npz", **{"set/rank": np.array([1, 0, 7, 0]), "set/person": np.array([3, -101, 4, -101])}
    )
    found = found_first([Recorded(tmp_path, {}, None, ())], "set")
    assert found.correct.tolist() == [[True, False]]
    assert found.left.tolist() == [3, 4]


def test_identification_is_compared_at_rank_1(study):
    folder, _ = study
    right = {}
    chances = {"1x/teacher-0": 0.3, "8x/base-0": 0.4, "8x/base-1": 0.4, "8x/better-0": 0.9, "8x/alike-0": 0.4}
    (folder / "mine.json").write_text(json.dumps({**json.loads((folder / "mine.json").read_text()), "lead": "better"}))
    for name, chance in chances.items():
        file = folder / name / "results.json"
        results = json.loads(file.read_text())
        draw = np.random.default_rng(len(right))
        rank = np.where(draw.random(80) < chance, 1, 7)
        right[name] = float((rank == 1).mean())
        shares = {str(n): {"mean": right[name] if n < 7 else 1.0} for n in (1, 5, 10, 20, 50)}
        found = {"probes": 80, "gallery": 900, "found_at_rank": shares, "mean_average_precision": {"mean": 0.25}}
        results["evaluations"]["tinyface"] = found
        file.write_text(json.dumps(results))
        with np.load(folder / name / "scores.npz") as arrays:
            kept = dict(arrays)
        kept |= {"tinyface/rank": rank, "tinyface/person": np.arange(80) // 2}
        np.savez(folder / name / "scores.npz", **kept)
    numbers, _ = write_study(folder, "mine")
    (item,) = numbers["identification"]
    base, better = item["rows"][:2]
    assert base["rank 1"]["mean"] == pytest.approx((right["8x/base-0"] + right["8x/base-1"]) / 2)
    assert better["paired"]["difference"]["mean"] == pytest.approx(right["8x/better-0"] - right["8x/base-0"])
    assert better["paired"]["p_holm"] < 0.05
    assert item["teacher"]["rank 1"]["values"][0] == right["1x/teacher-0"]
    (other,) = item["against"]
    assert other["label"] == "Alike"
    assert other["accuracy"]["difference"]["mean"] == pytest.approx(right["8x/better-0"] - right["8x/alike-0"])
    assert "| Better against | Seeds | Rank 1 (points) | p (Holm) |" in as_markdown(numbers)
    lines = (folder / "mine.md").read_text().splitlines()
    row = next(line for line in lines if "| 8x | Better | 1 |" in line)
    assert f"{100 * right['8x/better-0']:.2f}" in row


def test_a_sweep_has_a_curve_for_each_set_and_mode_and_a_smallest_usable_face(study):
    folder, _ = study
    for run, accuracies in (("8x/base-0", (0.6, 0.8)), ("8x/base-1", (0.7, 0.9))):
        points = [
            {"side": side, "accuracy": accuracy, "true_accept_rate": accuracy - 0.2}
            for side, accuracy in zip((14, 112), accuracies, strict=True)
        ]
        one = {"set": "lfw", "far": 0.01, "target": 0.45, "LR-LR": points, "HR-LR": points}
        usable = 14 if accuracies[0] > 0.65 else 112
        one["smallest_usable"] = {"LR-LR": usable, "HR-LR": usable}
        (folder / run / "sweep.json").write_text(json.dumps({"model": [one]}))
    numbers, files = write_study(folder, "mine")
    both, _ = numbers["sweep"]
    assert [(point["side"], point["mean"]) for point in both["points"]] == [
        (14, pytest.approx(0.65)),
        (112, pytest.approx(0.85)),
    ]
    assert both["points"][0]["low"] < 0.65 < both["points"][0]["high"]
    assert "| 8x | Base | LFW | LR-LR | 65.0 | 85.0 | 112 |" in (folder / "mine.md").read_text()
    assert folder / "mine-size.svg" in files


def test_a_study_of_correlation_shows_that_alone(study):
    folder, _ = study
    content = json.loads((folder / "mine.json").read_text())
    (folder / "mine.json").write_text(json.dumps({**content, "kind": "correlation"}))
    _, files = write_study(folder, "mine")
    assert {file.stem for file in files} == {"mine", "mine-numbers", "mine-correlation-8x"}
    text = (folder / "mine.md").read_text()
    assert text.count("\n## ") == 1
    assert "| 8x | Better | spatial | mean maps subtracted | 0.50 |" in text


def test_latex_takes_every_sign_literally(study):
    numbers = summarise_study(study[0], "mine")
    numbers["sets"][0]["rows"][0]["label"] = r"50 % of_{a} & b\c #1 ~ $x^2$ <"
    text = as_latex(numbers)
    assert r"50 \% of\_\{a\} \& b\textbackslash c \#1 \textasciitilde  \$x\^{}2\$ $<$" in text
    assert text.count(r"\begin{table}") == text.count(r"\end{table}") == 4


def test_damage_is_named(study):
    folder, _ = study
    whole = (folder / "8x/better-1/scores.npz").read_bytes()
    for content in (b"no", b"", whole[:200], whole[:-40]):
        (folder / "8x/better-1/scores.npz").write_bytes(content)
        with pytest.raises(DataError, match=r"better-1/scores\.npz.*cannot be read"):
            summarise_study(folder, "mine")
    (folder / "mine.json").write_text("{")
    with pytest.raises(DataError, match="there is no study"):
        summarise_study(folder, "mine")


def test_a_base_without_errors_leaves_none_to_be_taken_away(study):
    folder, _ = study
    for seed in range(3):
        with np.load(folder / f"8x/base-{seed}/scores.npz") as arrays:
            kept = dict(arrays)
        kept["lfw/correct"][:] = True
        np.savez(folder / f"8x/base-{seed}/scores.npz", **kept)
    numbers, _ = write_study(folder, "mine")
    (item,) = numbers["sets"]
    assert next(row for row in item["rows"] if row["name"] == "better")["paired"]["error_reduction"] is None


def test_each_method_has_a_mark_of_its_own_in_the_figures_of_a_study(study):
    folder, _ = study
    figures = dict(_figures(summarise_study(folder, "mine")))
    handles = figures["correlation-8x"].legends[0].legend_handles
    marks = {(each.get_color(), each.get_marker(), each.get_linestyle()) for each in handles[:3]}
    assert len(marks) == 3


def test_seeds_that_were_judged_on_other_pairs_are_refused(study):
    folder, _ = study
    file = folder / "8x/better-1/scores.npz"
    with np.load(file) as kept:
        arrays = dict(kept)
    arrays["lfw/left"] = arrays["lfw/left"][::-1].copy()
    np.savez(file, **arrays)
    with pytest.raises(DataError, match=r"better-1/scores.npz.* other pairs or probes than .*better-0"):
        summarise_study(folder, "mine")
