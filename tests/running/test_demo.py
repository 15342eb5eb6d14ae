"""``foveate demo`` from faces to the page."""


def test_the_demo_ends_in_a_page_that_compares_three_networks(run, faces, tmp_path):
    out = tmp_path / "demo"
    made = run("demo", "--data", faces, "--out", out, "--seen", "28", "--ratio", "4", "--json")
    assert made.code == 0, made.err
    assert [entry["recipe"] for entry in made.json["runs"]] == ["teacher", "base", "askd"]
    assert all(entry["finished"] for entry in made.json["runs"])
    page = (out / "report.html").read_text()
    assert made.json["page"] == str(out / "report.html")
    assert all(label in page for label in ("Teacher", "Base", "A-SKD", "held"))
    assert "data:image/png;base64" in page  # faces, attention maps and curves
    again = run("demo", "--data", faces, "--out", out, "--seen", "28", "--ratio", "4", "--json")
    assert again.json == made.json
