"""A search is written down: its trials best first, failures by what they said, the best with what it gave."""

import json

import pytest

from foveate.report.search import as_markdown, write_search


@pytest.fixture
def found():
    trials = [
        (1, {"kinds": "both", "weight": 5.0123}, "done", 0.91234),
        (0, {"kinds": "spatial", "weight": 0.5}, "done", 0.5),
        (2, {"kinds": "both", "weight": 50.0}, "failed", None),
        (3, {"kinds": "both", "weight": 7.0}, "begun", None),
    ]
    judged = {"set": "lfw", "authors": {"accuracy": 0.75, "low": 0.7, "high": 0.8}, "all_pairs": {"auc": 0.8}}
    return {
        "recipe": "askd",
        "measure": "auc",
        "space": [
            {"name": "kinds", "log": False, "choices": ["both", "spatial"]},
            {"name": "weight", "log": True, "choices": []},
        ],
        "trials": [
            {
                "trial": number,
                "settings": settings,
                "state": state,
                "value": value,
                "said": "the loss is not finite" if state == "failed" else None,
            }
            for number, settings, state, value in trials
        ],
        "best": {
            "trial": 1,
            "settings": trials[0][1],
            "command": "foveate train askd --weight=5.0123",
            "evaluations": {"lfw": judged, "attention on lfw": {"spatial": {}}},
            "judged_on_what_it_was_chosen_on": [],
        },
    }


def test_the_table_has_a_row_for_each_trial(found):
    lines = as_markdown(found).splitlines()
    assert lines[2] == "| Trial | kinds | weight | AUC over all pairs, held-out identities |"
    assert lines[4:8] == [
        "| 1 | both | 5.012 | 0.9123 |",
        "| 0 | spatial | 0.5 | 0.5000 |",
        "| 2 | both | 50 | failed: the loss is not finite |",
        "| 3 | both | 7 | \N{EN DASH} |",
    ]
    assert "    foveate train askd --weight=5.0123" in lines
    assert lines[-1] == "- LFW: 75.00 % [70.00, 80.00]"


def test_numbers_from_people_who_chose_the_settings_are_marked(found):
    assert "too good" not in as_markdown(found)
    found["best"]["judged_on_what_it_was_chosen_on"] = ["lfw"]
    assert "too good: bring a test set" in as_markdown(found)


def test_numbers_from_photos_that_chose_the_settings_are_marked(found):
    best = found["best"]
    best["evaluations"] = {"photos": {"top1": 0.61, "held_out": True}, "squares": {"average_precision": {"all": 0.5}}}
    best["judged_on_what_it_was_chosen_on"] = ["photos"]
    photos, squares = as_markdown(found).splitlines()[-2:]
    assert photos.startswith("- photos: 61.00 %; the settings were chosen on some of these")
    assert squares == "- squares: all 50.00 %"


def test_table_numbers_and_figures_are_written(found, tmp_path):
    text, files = write_search(tmp_path, found)
    assert [file.name for file in files] == ["search.json", "search.md", "search.png", "search.svg"]
    assert all(file.stat().st_size for file in files)
    assert json.loads(files[0].read_text()) == found
    assert files[1].read_text() == text


def test_a_search_without_a_finished_trial_has_a_table_and_no_figure(found, tmp_path):
    found["trials"], found["best"] = found["trials"][2:], None
    text, files = write_search(tmp_path, found)
    assert [file.name for file in files] == ["search.json", "search.md"]
    assert "best" not in text
