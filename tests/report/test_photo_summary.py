"""Runs that classified photos are summed up, put into words and shown."""

import json

import pytest

from foveate.report.markdown import markdown
from foveate.report.report import report
from foveate.report.summary import summarise


@pytest.fixture
def make_run(tmp_path):
    """Writes a finished run that was judged on 200 photos as it sees them, and on sharp ones."""

    def make_run(recipe, seed, top1, degradation="paper 28px"):
        folder = tmp_path / f"{recipe}-{seed}"
        folder.mkdir()
        judged = {"top1": top1, "top5": 0.9, "images": 200, "degradation": degradation}
        evaluations = {"things": judged, "things at sharp": {**judged, "degradation": "sharp"}}
        cost = {"seconds": 60.0, "images_per_second": 300.0, "steps": 10}
        card = {"recipe": recipe, "seed": seed, "arguments": {}, "degradation": degradation}
        card |= {"network": {"arguments": {"size": 112}}, "version": "1", "steps": 10, "precision": "bf16"}
        (folder / "run.json").write_text(json.dumps(card))
        (folder / "results.json").write_text(json.dumps({**card, "evaluations": evaluations, "cost": cost}))
        return folder

    return make_run


def test_rows_words_and_tables_are_of_photos(make_run, tmp_path):
    runs = [make_run("imagenet_teacher", 0, 0.8, "sharp"), make_run("imagenet_base", 0, 0.5)]
    runs += [make_run("imagenet_askd_kd", seed, 0.7 + 0.01 * seed) for seed in range(3)]
    summary = summarise(runs)
    assert summary["sets"] == []
    own, sharp = summary["classification"]
    assert (own["set"], sharp["set"], own["pairs"]) == ("things", "things at sharp", 200)
    rows = {row["recipe"]: row for row in own["rows"]}
    assert rows["imagenet_askd_kd"]["authors"]["mean"] == pytest.approx(0.71)
    assert rows["imagenet_askd_kd"]["authors"]["interval"] == "seeds"
    base = rows["imagenet_base"]["authors"]
    assert (base["low"], base["high"]) == pytest.approx((0.4314, 0.5686), abs=1e-4)  # Wilson's of 100 among 200
    words = summary["answer"]["sentence"]
    assert words.startswith("On things at 4x, Base gets 50.0 %")
    assert "A-SKD+KD gets 71.0 %" in words
    assert "of photos right; on sharp photos, the teacher gets 80.0 %" in words
    assert any("over the photos of the set for Base" in remark for remark in summary["answer"]["remarks"])
    assert any("A-SKD+KD is ahead of Base" in remark for remark in summary["answer"]["remarks"])
    text = markdown(summary)
    assert "### things, 200 photos" in text
    assert "| A-SKD+KD, 4x (28" in text
    page = report(runs, tmp_path / "page.html").read_text()
    assert "What does the photo show?" in page
    assert "Do two photos show the same person?" not in page
    assert "data:image/png;base64" in page or "data:image/svg" in page


def test_not_shown_names_none_of_them(make_run):
    assert summarise([make_run("imagenet_base", 0, 0.5)])["not_shown"] == []
