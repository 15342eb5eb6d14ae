"""foveate align: from folders of photos to folders of crops, with a detector that finds green rectangles."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import final

import numpy as np
import pytest
import torch
from PIL import Image

from foveate.align import job as job_module
from foveate.align.loading import file_state
from foveate.align.similarity import similarity
from foveate.align.template import template
from foveate.commands import align as command
from foveate.data.folder import ImageFolder
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.data.tinyface import read_tinyface
from foveate.detect.detector import Detector
from foveate.detect.faces import Faces

GREEN = (0, 255, 0)


@final
class GreenFaces(Detector):
    """Finds one face: the rectangle around all green pixels, its points where the template has them."""

    title = "green"

    def __call__(self, photos: Sequence[torch.Tensor]) -> list[Faces]:
        return [self._find(photo.numpy()) for photo in photos]

    def _find(self, photo: np.ndarray) -> Faces:
        rows, columns = np.nonzero((photo[..., 1] > 200) & (photo[..., 0] < 80))
        if not len(rows):
            return Faces(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros((0, 5, 2), np.float32))
        corner, sides = np.array([columns.min(), rows.min()]), np.array([np.ptp(columns) + 1, np.ptp(rows) + 1])
        points = corner + template() / 112 * sides
        box = np.concatenate([corner, corner + sides])[None]
        return Faces(box.astype(np.float32), np.array([0.75], np.float32), points[None].astype(np.float32))


def photo(box: tuple[int, int, int, int] | None = None, *, size: tuple[int, int] = (90, 120)) -> Image.Image:
    """Grey, with a green face in the box."""
    pixels = np.full((*size, 3), 128, dtype=np.uint8)
    if box is not None:
        left, top, right, bottom = box
        pixels[top:bottom, left:right] = GREEN
    return Image.fromarray(pixels)


def write(folder: Path, images: dict[str, Image.Image | bytes]) -> Path:
    for name, image in images.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(image, bytes):
            (folder / name).write_bytes(image)
        else:
            image.save(folder / name)
    return folder


@pytest.fixture
def photos(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = io.BytesIO()
    photo((30, 20, 70, 50)).transpose(Image.Transpose.ROTATE_90).save(turned, "JPEG", exif=exif, quality=95)
    return write(
        tmp_path / "photos",
        {
            "ann/1.png": photo((40, 20, 96, 76)),
            "ann/2.jpg": turned.getvalue(),
            "bob/1.png": photo((0, 0, 56, 56)).convert("RGBA"),
            "bob/2.png": photo(),
            "notes.txt": b"notes",
        },
    )


@pytest.fixture(autouse=True)
def green(monkeypatch, request):
    if "real_detector" not in request.fixturenames:
        monkeypatch.setattr(command, "_detector", lambda flags, device: GreenFaces())


@pytest.fixture
def real_detector():
    if find_spec("facenet_pytorch") is None:
        pytest.skip("the weights of MTCNN are not installed (pip install --no-deps facenet-pytorch)")


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _pixels(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image)


def test_folders_of_identities_become_folders_of_crops_that_training_reads(run, photos, tmp_path):
    out = tmp_path / "crops"
    found = run("align", photos, "--out", out, "--json").json
    assert _files(out) == ["align.html", "align.json", "ann/1.png", "ann/2.png", "bob/1.png", "manifest.json"]
    assert (found["photos"], found["crops"], found["dropped"], found["unreadable"]) == (4, 3, 1, 0)
    assert found["problems"] == {"no face was found": 1}
    assert found["other_files"] == {".txt": 1}
    assert found["files"] == [str(out / name) for name in ("align.json", "align.html", "manifest.json")]
    assert json.loads((out / "manifest.json").read_text())["made"]["command"] == "align"
    for name in ("ann/1.png", "bob/1.png"):
        crop = _pixels(out / name)
        assert crop.shape == (112, 112, 3)
        assert (crop[2:-4, 2:-4] == GREEN).all()
    assert (_pixels(out / "ann/2.png")[56, 56] == GREEN).sum() >= 1
    assert len(ImageFolder(out)) == 3
    record = {item["photo"]: item for item in json.loads((out / "align.json").read_text())["photos"]}
    assert record["ann/1.png"]["crops"][0]["box"] == [40, 20, 96, 76]
    assert record["ann/1.png"]["crops"][0]["score"] == 0.75
    assert np.allclose(record["bob/1.png"]["crops"][0]["points"], template() / 2, atol=0.01)
    assert record["ann/2.jpg"]["width"] == 120  # turned upright
    assert record["bob/2.png"].pop("state") == file_state(photos / "bob/2.png")
    assert record["bob/2.png"] == {
        "photo": "bob/2.png",
        "width": 120,
        "height": 90,
        "faces": 0,
        "crops": [],
        "problems": ["no face was found"],
        "unreadable": False,
    }


def test_the_page_shows_crops_and_what_was_dropped_and_why(run, photos, tmp_path):
    write(photos, {"bob/<script>.jpg": b"\xff\xd8\xffbroken"})
    ended = run("align", photos, "--out", tmp_path / "crops", "--crop", "box")
    assert ended.code == 2  # one of five photos cannot be read
    assert "record bob/<script>.jpg: 1 of 5 photos cannot be read: the image cannot be decoded" in ended.err
    page = (tmp_path / "crops/align.html").read_text()
    assert page.count('<img src="data:image/jpeg;base64,') == 4
    assert "bob/2.png: no face was found" in page
    assert "bob/&lt;script&gt;.jpg: the image cannot be decoded" in page
    assert "3 crops of 5 photos, 2 photos without a crop" in page
    assert "://" not in page
    (photos / "bob/<script>.jpg").unlink()
    again = run("align", photos, "--out", tmp_path / "crops", "--crop", "box")
    assert again.code == 0, again.err
    assert again.out.startswith("3 crops of 4 photos")


def test_where_no_face_is_found_the_whole_photo_can_stand_for_it(run, photos, tmp_path):
    ended = run("align", photos, "--out", tmp_path / "crops", "--undetected", "centre", "--format", "jpeg")
    assert ended.out.startswith("4 crops of 4 photos\n1 centres of regions, resized, 3 with a detected face\n")
    crop = _pixels(tmp_path / "crops/bob/2.jpg")
    assert (crop == 128).all()
    assert "Whole regions in place of faces" in (tmp_path / "crops/align.html").read_text()


def test_given_boxes_say_who_is_meant(run, photos, tmp_path):
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("ann/1.png 40 20 96 76\nann/1.png 0 0 9 9\nbob/1.png 10 10 40 40\n")
    cut = run("align", photos, "--out", tmp_path / "cut", "--boxes", boxes, "--crop", "box", "--json").json
    assert _files(tmp_path / "cut")[2:-1] == ["ann/1.1.png", "ann/1.2.png", "bob/1.1.png"]
    assert cut["problems"] == {"no box is given for it": 2}
    assert (_pixels(tmp_path / "cut/ann/1.1.png") == GREEN).all()
    assert (_pixels(tmp_path / "cut/ann/1.2.png") == 128).all()
    found = run("align", photos, "--out", tmp_path / "found", "--boxes", boxes, "--json").json
    assert _files(tmp_path / "found")[2:-1] == ["ann/1.1.png", "bob/1.1.png"]
    assert found["problems"] == {"no box is given for it": 2, "no face was found": 1}


@pytest.mark.parametrize("batch", ["1", "3"])
def test_work_that_was_interrupted_goes_on_and_ends_the_same(run, photos, tmp_path, monkeypatch, batch):
    whole, out = tmp_path / "whole", tmp_path / "crops"
    assert run("align", photos, "--out", whole).code == 0
    written = []

    def stop_at_the_second(path, content):
        if len(written) == 1:
            raise KeyboardInterrupt
        written.append(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr(job_module, "write_bytes", stop_at_the_second)
        ended = run("align", photos, "--out", out, "--batch", batch, "--workers", "1")
    assert (ended.code, "the same command goes on" in ended.err) == (130, True)
    assert not (out / "align.json").exists()
    assert run("align", photos, "--out", out, "--batch", batch).code == 0
    assert _files(out) == _files(whole)
    for name in _files(whole):
        if name != "align.html":
            assert (out / name).read_bytes() == (whole / name).read_bytes(), name


def test_what_is_done_is_not_done_again_and_new_photos_are(run, photos, tmp_path, monkeypatch):
    out = tmp_path / "crops"
    run("align", photos, "--out", out)
    times = {name: (out / name).stat().st_mtime_ns for name in _files(out) if name.endswith(".png")}
    asked = []
    monkeypatch.setattr(command, "_detector", lambda flags, device: detector)

    @final
    class Counting(Detector):
        title = "green"

        def __call__(self, photos):
            asked.append(len(photos))
            return GreenFaces()(photos)

    detector = Counting()
    write(photos, {"cid/1.png": photo((10, 10, 66, 66))})
    (out / "bob/1.png").unlink()
    assert run("align", photos, "--out", out, "--json").json["crops"] == 4
    assert sum(asked) == 2
    assert (out / "cid/1.png").exists()
    assert (out / "bob/1.png").exists()
    assert all((out / name).stat().st_mtime_ns == times[name] for name in ("ann/1.png", "ann/2.png"))


def test_a_photo_that_was_replaced_is_cut_out_anew_and_crops_of_one_that_is_gone_are_named(run, photos, tmp_path):
    out = tmp_path / "crops"
    run("align", photos, "--out", out)
    before = (out / "ann/1.png").read_bytes()
    photo((40, 20, 80, 70)).save(photos / "ann/1.png")
    (photos / "bob/1.png").unlink()
    ended = run("align", photos, "--out", out)
    assert (out / "ann/1.png").read_bytes() != before
    assert (out / "bob/1.png").exists()
    assert "1 crops are of photos that are gone (delete them too?): bob/1.png" in ended.out


SLOW = """
import sys, time
from foveate.align import job
from foveate.cli import main
from foveate.commands import align
from tests_green import GreenFaces
write = job.write_bytes
job.write_bytes = lambda path, content: (time.sleep(0.05), write(path, content))
align._detector = lambda flags, device: GreenFaces()
sys.exit(main(sys.argv[1:]))
"""


def test_a_process_killed_in_the_middle_leaves_whole_files_only(run, tmp_path, environment):
    photos = write(tmp_path / "photos", {f"{n % 4}/{n}.png": photo((n, n, n + 40, n + 40)) for n in range(40)})
    out = tmp_path / "crops"
    (tmp_path / "tests_green.py").write_text(Path(__file__).read_text())
    paths = f"{environment['PYTHONPATH']}{os.pathsep}{tmp_path}"
    words = ["align", str(photos), "--out", str(out), "--batch", "4", "--workers", "2"]
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *words],
        env={**environment, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len([*out.rglob("*.png")]) < 6 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    made = [file for file in out.rglob("*.png") if not file.name.startswith(".")]
    assert 6 <= len(made) < 40
    assert all(_pixels(file).shape == (112, 112, 3) for file in made)
    assert run("align", *words[1:], "--json").json["crops"] == 40
    assert len(json.loads((out / "align.json").read_text())["photos"]) == 40


def test_tiny_faces_become_a_set_that_evaluation_reads(run, tmp_path):
    names = ["Probe/3_1.jpg", "Gallery_Match/3_2.jpg", "Gallery_Distractor/7.jpg"]
    photos = write(tmp_path / "Testing_Set", dict.fromkeys(names, photo(size=(20, 16))))
    assert run("align", photos, "--out", tmp_path / "aligned", "--undetected", "resize").code == 0
    found = read_tinyface(tmp_path / "aligned")
    assert (found.name, len(found), len(found.gallery)) == ("tinyface_aligned", 1, 2)


def test_mistakes_are_named_before_anything_is_written(run, photos, tmp_path):
    out = tmp_path / "crops"
    boxes = tmp_path / "boxes.txt"
    boxes.write_text("nobody/1.png 0 0 9 9\n")
    for flags, problem in [
        ([tmp_path / "none", "--out", out], "there is no such folder"),
        ([photos, "--out", photos / "crops"], "would be among the photos"),
        ([photos, "--out", out, "--size", "100"], "no template for 100 x 100"),
        ([photos, "--out", out, "--boxes", boxes], "there is no photo 'nobody/1.png'"),
        ([photos, "--out", out, "--boxes", boxes, "--choice", "all"], "both say which faces are meant"),
        ([photos, "--out", out, "--batch", "0"], "--batch is 0"),
    ]:
        ended = run("align", *flags)
        assert (ended.code, problem in ended.err) == (2, True), ended.err
    assert not out.exists()


def test_a_folder_in_which_nobody_is_found_is_said_aloud(run, tmp_path):
    photos = write(tmp_path / "photos", {"1.png": photo()})
    ended = run("align", photos, "--out", tmp_path / "crops")
    assert (ended.code, "no face was found in 1 photos" in ended.err) == (2, True)
    assert (tmp_path / "crops/align.json").exists()


def test_mtcnn_is_asked_with_the_flags_that_were_given(real_detector, run, tmp_path):
    people = SyntheticFaces(0, size=96).render(torch.arange(2), torch.zeros(2, dtype=torch.long))
    images = {f"{number}/1.png": Image.fromarray(face.numpy()) for number, face in enumerate(people)}
    photos = write(tmp_path / "photos", images)
    flags = ["--upsample", "1.5", "--border", "0.1", "--min-face", "40", "--min-score", "0.8"]
    assert run("align", photos, "--out", tmp_path / "crops", *flags).code == 0
    settings = json.loads((tmp_path / "crops/align.json").read_text())["settings"]
    assert settings["detector"].endswith(
        "faces from 40 px, scores 0.6, 0.7, 0.8, photos enlarged 1.5 times, border of 0.1"
    )
    record = json.loads((tmp_path / "crops/align.json").read_text())["photos"]
    for item in record:
        (crop,) = item["crops"]
        points = np.array(crop["points"])
        placed = points @ similarity(points, template())[:, :2].T + similarity(points, template())[:, 2]
        assert np.linalg.norm(placed - template(), axis=1).mean() < 5
        assert _pixels(tmp_path / "crops" / crop["file"]).shape == (112, 112, 3)
    refused = run("align", photos, "--out", tmp_path / "other", "--detector", "yunet")
    assert "YuNet needs its ONNX file" in refused.err
    assert "--min-score is 1" in run("align", photos, "--out", tmp_path / "other", "--min-score", "1").err
