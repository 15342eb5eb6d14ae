"""Runs that found faces in photos are summed up, put into words and shown."""

import json

import pytest

from foveate.report.markdown import markdown
from foveate.report.report import report
from foveate.report.summary import summarise


@pytest.fixture
def make_run(tmp_path):
    """Writes a finished run that was judged on squares held out of training and on a test set."""

    def make_run(recipe, seed, precision, degradation="paper 8x"):
        folder = tmp_path / f"{recipe}-{seed}"
        folder.mkdir()
        levels = {"all": precision, "small": precision / 2}
        judged = {"average_precision": levels, "faces": {"all": 50, "small": 20}, "photos": 12}
        judged["degradation"] = degradation
        evaluations = {"photos, held out": judged, "cmu_mit": judged}
        cost = {"seconds": 60.0, "images_per_second": 300.0, "steps": 10}
        card = {"recipe": recipe, "seed": seed, "arguments": {}, "degradation": degradation}
        card |= {"network": {"arguments": {}}, "version": "1", "steps": 10, "precision": "bf16"}
        (folder / "run.json").write_text(json.dumps(card))
        (folder / "results.json").write_text(json.dumps({**card, "evaluations": evaluations, "cost": cost}))
        return folder

    return make_run


def test_rows_words_and_tables_are_of_faces_in_photos(make_run, tmp_path):
    runs = [make_run("widerface_teacher", 0, 0.9, "sharp"), make_run("widerface_base", 0, 0.5)]
    runs += [make_run("widerface_askd", seed, 0.6 + 0.01 * seed) for seed in range(3)]
    summary = summarise(runs)
    test, held = summary["detection"]
    assert (test["set"], held["set"], test["pairs"]) == ("cmu_mit", "photos, held out", 12)
    rows = {row["recipe"]: row for row in test["rows"]}
    assert rows["widerface_askd"]["precision"]["small"]["mean"] == pytest.approx(0.305)
    words = summary["answer"]["sentence"]
    assert words.startswith("On CMU+MIT at 8x, Base gets 50.0 %")
    assert "A-SKD gets 61.0 %" in words
    assert words.endswith("average precision; on sharp photos, the teacher gets 90.0 %.")
    assert any("There is no interval to tell A-SKD from Base by" in remark for remark in summary["answer"]["remarks"])
    assert any("only one seed of Base and the teacher" in remark for remark in summary["answer"]["remarks"])
    text = markdown(summary)
    assert "### CMU+MIT, 12 photos" in text
    assert "AP small (%)" in text
    page = report(runs, tmp_path / "page.html").read_text()
    assert "Where are faces?" in page
    assert "What does the photo show?" not in page
    assert summary["not_shown"] == []
