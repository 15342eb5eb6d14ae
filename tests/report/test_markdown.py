"""Tables that GitHub can draw."""

import re

from foveate.report.markdown import markdown
from foveate.report.summary import summarise


def tables_of(text):
    """Cells of every table: a line of headings, a rule, and rows, split at bars that are not escaped."""
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    return [[re.split(r"(?<!\\)\|", line)[1:-1] for line in block] for block in blocks]


def test_every_table_has_a_rule_and_as_many_cells_in_every_row(make_run):
    text = markdown(summarise([make_run("teacher"), make_run("base"), make_run("askd", centred=-0.25)]))
    verification, agreement = tables_of(text)
    assert (len(verification), len(agreement)) == (2 + 3, 2 + 6)
    for table in (verification, agreement):
        assert {len(line) for line in table} == {len(table[0])}
        assert all(re.fullmatch(r" -+:? ", cell) for cell in table[1])


def test_the_numbers_of_the_runs_stand_in_the_table(make_run):
    text = markdown(summarise([make_run("base", accuracy=0.71234)]))
    cells = [cell.strip() for cell in tables_of(text)[0][2]]
    accuracies = ["71.23 [69.23, 73.23]", "70.23 [69.23, 73.23]"]
    assert cells == [
        "Base, 8x (14\u00a0px)".replace("\u00a0", " "),
        "seed 0",
        *accuracies,
        "0.8123",
        "25.00",
        "34.56",
        "10 min",
    ]


def test_identification_stands_in_a_table_of_its_own(make_run):
    text = markdown(summarise([make_run("base", first=0.4)]))
    assert "### TinyFace, 400 probes, 3600 in the gallery" in text
    heads, _, row = tables_of(text)[1]
    assert [cell.strip() for cell in heads[2:]] == [f"Rank {rank} (%)" for rank in (1, 5, 10, 20, 50)] + ["mAP (%)"]
    shares = ["40.00 [37.00, 43.00]", "41.00", "42.00", "43.00", "44.00", "25.00 [20.00, 30.00]"]
    assert [cell.strip() for cell in row[1:]] == ["seed 0", *shares]


def test_a_name_cannot_break_out_of_its_cell(make_run):
    text = markdown(summarise([make_run("a|b\n<b>c</b>")]))
    assert "a\\|b \\<b\\>c\\</b\\>" in tables_of(text)[0][2][0]


def test_unfinished_runs_are_listed(make_run):
    assert "Base, 8x (14 px), seed 4: 40 % done" in markdown(summarise([make_run("base", 4, finished=False)]))
