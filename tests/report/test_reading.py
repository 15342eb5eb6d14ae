"""Damaged and missing files are named, never passed over."""

import pytest

from foveate.errors import DataError
from foveate.report.reading import read_runs


def test_no_runs_at_all_are_refused():
    with pytest.raises(DataError, match="no runs were given"):
        read_runs([])


def test_a_folder_without_runs_is_refused(tmp_path):
    with pytest.raises(DataError, match="no run here"):
        read_runs([tmp_path])


def test_a_folder_of_runs_stands_for_all_of_them(make_run):
    run = make_run("base", folder="deep/one")
    make_run("askd", folder="deep/two")
    assert [item.card["recipe"] for item in read_runs([run.parents[1]])] == ["base", "askd"]


@pytest.mark.parametrize("name", ["run.json", "results.json"])
@pytest.mark.parametrize("content", [b'{"recipe": "ba', b"[1, 2]", b"\xff\xfe", b"{}", b"[" * 100_000])
def test_damaged_json_is_refused_with_its_file(make_run, name, content):
    run = make_run("base")
    (run / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"{name}.*Restore the file"):
        read_runs([run])


def test_results_of_another_run_are_refused(make_run):
    one, other = make_run("base", 0), make_run("base", 1)
    (one / "results.json").write_bytes((other / "results.json").read_bytes())
    with pytest.raises(DataError, match="the results are of base with seed 1"):
        read_runs([one])


def test_a_torn_last_line_of_the_log_is_how_a_killed_run_ends(make_run):
    run = make_run("base", finished=False)
    with (run / "log.jsonl").open("a") as file:
        file.write('{"step": 60, "prog')
    assert [record["step"] for record in read_runs([run])[0].log] == [20, 40]


def test_a_torn_line_in_the_middle_of_the_log_is_refused_with_its_number(make_run):
    run = make_run("base")
    lines = (run / "log.jsonl").read_text().splitlines()
    (run / "log.jsonl").write_text("\n".join([lines[0], lines[1][:20], lines[1]]))
    with pytest.raises(DataError, match=r"log.jsonl: record line 2"):
        read_runs([run])


def test_a_step_without_losses_is_refused(make_run):
    run = make_run("base")
    (run / "log.jsonl").write_text('{"step": 1, "progress": 0.1}\n')
    with pytest.raises(DataError, match="no step of training"):
        read_runs([run])
