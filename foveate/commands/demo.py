"""foveate demo: the paper's main claim on a small scale, from nothing to one HTML page."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import tyro

from foveate.commands.recipe_flags import parse_all
from foveate.commands.terminal import Bar, answer
from foveate.commands.train import build

STAGES: Final = {"drawing faces": 0.1, "teacher": 0.25, "base": 0.27, "askd": 0.35, "report": 0.03}
"""Stages and their shares of the time, as measured on two cores."""

RECIPES: Final = ("teacher", "base", "askd")

FACES: Final = 6
"""Faces in the figure of attention maps, spread over the test set."""


def demo(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(run, prog="foveate demo", args=list(arguments))


def run(
    *,
    data: Path | None = None,
    out: Path = Path("runs/demo"),
    ratio: int = 8,
    hold_out: float = 0.1,
    seen: int = 24_000,
    seed: int = 0,
    device: str = "auto",
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Train a teacher on sharp faces and two students on tiny ones, compare them, and write one HTML page.

    The base student learns alone; the A-SKD student is shown by the teacher where to look. Without --data the faces
    are drawn by the package, so nothing is downloaded. Started again, it goes on where it stopped.

    Args:
        data: real faces: an insightface folder (train.rec), or a folder identity/image.jpg (LFW's, or your own).
        out: folder of the three runs and of the page.
        ratio: how many times smaller the students' faces are (2, 4, 8).
        hold_out: share of the identities kept for the test, where the data bring no test of other people.
        seen: training images each network sees, repeats counted, rounded to whole passes over the data. More is
            better and slower; the drawn set has 12,000. 24,000 take about five minutes on two idle cores.
        seed: of all that is drawn by chance.
        device: auto, cpu, cuda, ...
        as_json: print the numbers as JSON.
    """
    from foveate.data.synthesise import IDENTITIES, IMAGES
    from foveate.degrade.preset import degradation
    from foveate.report.report import report
    from foveate.report.summary import summarise
    from foveate.train import train

    degradation("paper", ratio=(ratio,))  # refused now rather than after the teacher
    if data is None:
        _check_seen(seen, IDENTITIES * IMAGES, out)
    with Bar("demo", STAGES) as bar:
        bar.stage("drawing faces")
        faces = data if data is not None else _draw(out / "faces", seed, bar)
        task = _task(faces, seen, hold_out)
        flags = ["--scale", "small", "--data", faces, "--hold-out", hold_out, "--epochs", task.scale.epochs]
        flags += ["--seed", seed, "--device", device, "--resume", "--checkpoint-every", 25]
        student = ["--ratio", ratio, "--teacher", out / "teacher" / "model.safetensors"]
        for name in RECIPES:
            bar.stage(name)
            words = [name, *flags, *(student if name != "teacher" else []), "--out", out / name]
            (plan,) = parse_all([str(word) for word in words])
            train(*build(plan, bar))
        bar.stage("report")
        runs = [out / name for name in RECIPES]
        page = report(runs, out / "report.html", looks=_looks(out, task))
    found = summarise(runs)
    answer({"page": str(page.resolve()), **found}, as_json=as_json, text=str(page.resolve()))


def _draw(folder: Path, seed: int, bar: Bar) -> Path:
    from foveate.data.synthesise import TEST_NAME, synthesise
    from foveate.doctor.write_manifest import write_manifest

    if not (folder / f"{TEST_NAME}.bin").exists():
        synthesise(folder, seed=seed, tell=lambda done, total: bar.step(done, total, None))
        write_manifest(folder, command="synthesise", arguments={"seed": seed})
    return folder


def _task(faces: Path, seen: int, hold_out: float) -> Any:
    """The small scale, with as many epochs as make up the images to be seen."""
    from foveate.errors import RecipeError
    from foveate.face_task import FaceTask
    from foveate.scale import SMALL

    task = FaceTask(faces, hold_out=hold_out, scale=SMALL)
    epochs = _check_seen(seen, len(task.images), faces)
    if not task.pairs:
        raise RecipeError("there is nothing to test on", file=faces, remedy="Give --hold-out a share above 0.")
    return dataclasses.replace(task, scale=dataclasses.replace(SMALL, epochs=epochs))


def _check_seen(seen: int, images: int, file: Path) -> int:
    """Passes over the data."""
    from foveate.errors import RecipeError

    if round(seen / images) < 1:
        raise RecipeError(
            f"--seen {seen} is less than one pass over {images:,} training images",
            file=file,
            remedy=f"Give --seen {images} or more.",
        )
    return round(seen / images)


def _looks(out: Path, task: Any) -> Path:
    from foveate.evaluate.looks import save_looks
    from foveate.model_file import load_model

    pairs = task.pairs[0]
    step = max(1, len(pairs.images) // FACES)
    faces = [pairs.images[number * step] for number in range(min(FACES, len(pairs.images)))]
    models = {name: load_model(out / name / "model.safetensors") for name in RECIPES}
    save_looks(out / "looks.npz", faces, models, low=models[RECIPES[-1]].views)
    return out / "looks.npz"
