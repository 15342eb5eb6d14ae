"""foveate looks: a figure of where models look."""

from foveate.report import looks as reading


def test_maps_of_models_are_drawn_over_faces(teacher, faces, run, tiny, tmp_path, monkeypatch):
    student = tmp_path / "student"
    assert run("train", "base", "--data", faces, *tiny, "--epochs", "1", "--out", student).code == 0
    seen = []
    read = reading.read_looks
    monkeypatch.setattr(reading, "read_looks", lambda file: seen.append(read(file)) or seen[-1])
    ended = run("looks", teacher, student, teacher, student, "--faces", "3", "--out", tmp_path / "figure.png")
    assert ended.code == 0, ended.err
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    (found,) = seen
    assert len(found.high) == 3
    assert [look.label for look in found.networks] == ["teacher (1)", "base (1)", "teacher (2)", "base (2)"]
    assert (found.networks[1].faces == found.low).all()
    assert (found.networks[0].faces == found.high).all()
    assert (found.networks[2].faces == found.high).all()
    assert (found.networks[1].maps == found.networks[3].maps).all()


def test_nothing_to_draw_is_an_error(teacher, faces, run, tmp_path):
    assert "nothing to draw" in run("looks").err
    for name in ("train.rec", "train.idx", "property"):
        (tmp_path / name).write_bytes((faces / name).read_bytes())
    assert "holds no test set" in run("looks", teacher, "--data", tmp_path).err
