"""The four commands of docs/own_faces.md, on photos of drawn people, and its lines of Python."""

import io
import json
import re
import shlex
from pathlib import Path

import pytest
import torch
from PIL import Image

from foveate.data.synthetic.faces import SyntheticFaces

PAGE = Path(__file__).parents[2] / "docs/own_faces.md"
PEOPLE, PHOTOS = 66, 3
LEFT, TOP = 30, 20


@pytest.fixture
def photos(tmp_path):
    """Photos of drawn people with a face of 112 pixels somewhere, and a list of where."""
    numbers = torch.arange(PEOPLE * PHOTOS)
    lines = []
    for number, face in enumerate(SyntheticFaces().render(numbers // PHOTOS, numbers)):
        name = f"person{number // PHOTOS:02d}/{number % PHOTOS}.png"
        photo = Image.new("RGB", (180, 160), (90, 120, 60))
        photo.paste(Image.fromarray(face.numpy()), (LEFT, TOP))
        buffer = io.BytesIO()
        photo.save(buffer, "PNG")
        (tmp_path / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "photos" / name).write_bytes(buffer.getvalue())
        lines.append(f"{name} {LEFT} {TOP} {LEFT + 112} {TOP + 112}")
    (tmp_path / "boxes.txt").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_four_commands_lead_from_photos_to_a_number_and_a_few_lines_compare_faces(
    photos, run, tiny, monkeypatch, capsys
):
    (block,) = re.findall(r"```sh\n(foveate align.*?)```", PAGE.read_text(), flags=re.DOTALL)
    commands = [shlex.split(line)[1:] for line in block.splitlines()]
    assert [command[0] for command in commands] == ["align", "data", "data", "train"]
    commands[0] += ["--boxes", "boxes.txt", "--crop", "box"]  # no detector knows drawn faces
    commands[1][commands[1].index("0.2")] = "0.4"
    commands[3] += [*tiny, "--epochs", "1"]
    monkeypatch.chdir(photos)
    *_, said = [run(*command) for command in commands]
    assert said.code == 0, said.err
    (result,) = json.loads(Path("runs/mine/results.json").read_text())["evaluations"].values()
    assert result["pairs"] >= 40
    assert 0 <= result["authors"]["accuracy"] <= 1
    assert "held" in said.out + said.err
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    faces = sorted(Path("parts/held").rglob("*.png"))
    for name, face, size in (("one.jpg", faces[0], 112), ("other.jpg", faces[1], 20)):
        with Image.open(face) as image:
            image.resize((size, size)).save(name)
    lines: dict[str, object] = {}
    exec(compile(code, str(PAGE), "exec"), lines)
    ours, theirs = lines["faces"]
    assert capsys.readouterr().out == f"cosine {ours @ theirs / ours.norm() / theirs.norm():.3f}\n"


def test_the_readme_shows_the_same_commands():
    page, readme = PAGE.read_text(), (PAGE.parents[1] / "README.md").read_text()
    (block,) = re.findall(r"```sh\n(foveate align.*?)```", page, flags=re.DOTALL)
    shown = [line.split("#")[0].strip() for line in readme.splitlines() if line.startswith("foveate ")]
    assert {*block.splitlines()} <= {*shown}
