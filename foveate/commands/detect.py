"""foveate detect IMAGE... --model MODEL: boxes around faces, drawn and as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from foveate.commands.terminal import Bar, answer


@dataclass(frozen=True)
class Flags:
    """Find the faces of photos with a detector that 'foveate train widerface_...' made.

    Photos are searched as they are: blurred ones need no flag. OUT/photo.jpg shows the boxes, with how sure the
    detector is in percent; OUT/detections.json has them as left, top, right, bottom edge in pixels, with a score from 0
    to 1. The pages show faces: mind whose they are before you pass them on.

    Attributes:
        images: JPEG, PNG, BMP or WebP files, or folders of them, at any depth.
        model: model.safetensors of a detector, or the folder of its run.
        out: folder for what is found.
        min_score: how sure the detector must be, from 0 to 1.
        fit: shorter and longer side, in pixels, that photos are brought within before they are searched; by default
            those of the model. Larger ones find smaller faces, more slowly.
        zoom: looks at each photo, this many times as large as it fits; several looks vote.
        mirror: look at mirror images, too.
        ratio: make the photos so many times smaller first and as large again: what the model finds in worse photos.
        draw: draw boxes into copies of the photos.
        text: also write the boxes in WIDER FACE's format, into OUT/text.
        device: auto, cpu, cuda, ...
        json: print the boxes as JSON.
    """

    images: tyro.conf.Positional[tuple[Path, ...]]
    model: Path
    out: Path = Path("detections")
    min_score: float = 0.4
    fit: tuple[int, int] | None = None
    zoom: tuple[float, ...] = (1.0,)
    mirror: bool = False
    ratio: float = 1.0
    draw: bool = True
    text: bool = False
    device: str = "auto"
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def detect(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    flags = tyro.cli(Flags, prog="foveate detect", args=list(arguments))
    from foveate.align.photo_folder import stems
    from foveate.data.decode import decode
    from foveate.data.detections import write_detections
    from foveate.data.encode import encode
    from foveate.data.image_writer import write_image
    from foveate.detect.drawn import drawn
    from foveate.files import write_json

    files, finder, found = _files(flags.images), _finder(flags), {}
    called = stems([*files])
    with Bar("detect") as bar:
        for number, (name, file) in enumerate(files.items(), start=1):
            pixels = decode(file.read_bytes(), file=file, record=None)
            found[name] = finder(pixels)
            if flags.draw:
                write_image(flags.out / f"{called[name]}.jpg", encode(drawn(pixels, found[name])))
            bar.step(number, len(files), None)
    numbers = {
        name: [
            {"box": [round(edge, 2) for edge in box], "score": round(score, 4)}
            for box, score in zip(each.boxes.tolist(), each.scores.tolist(), strict=True)
        ]
        for name, each in found.items()
    }
    flags.out.mkdir(parents=True, exist_ok=True)
    write_json(flags.out / "detections.json", numbers)
    if flags.text:
        write_detections(flags.out / "text", found)
    faces = sum(map(len, numbers.values()))
    words = [f"{name}: {len(boxes)} face{'s' * (len(boxes) != 1)}" for name, boxes in numbers.items()]
    whole = f"{faces:,} faces in {len(numbers):,} photos, see {flags.out}"
    answer(numbers, as_json=flags.json, text="\n".join([*words, whole]))


def _files(given: Sequence[Path]) -> dict[str, Path]:
    """Photos by the names that answers have for them: inside the folders that were named, or the file's alone."""
    from foveate.align.photo_folder import find_photos
    from foveate.errors import DataError

    found: dict[str, Path] = {}
    for path in given:
        if not path.exists():
            raise DataError("there is no such photo or folder", file=path, remedy="Check the path")
        photos = {path.name: path} if path.is_file() else {name: path / name for name in find_photos(path).names}
        for name, file in photos.items():
            if name in found:
                remedy = "Search the folder that holds both, or one after the other"
                raise DataError(f"two photos are called {name}, {found[name]} and this one", file=file, remedy=remedy)
            found[name] = file
    if not found:
        raise DataError("no photo was named", remedy="Name photos, or folders of photos")
    return found


def _finder(flags: Flags) -> Any:
    from foveate.commands.detector_model import detector_model
    from foveate.degrade.by_ratio import ByRatio
    from foveate.degrade.sharp import Sharp
    from foveate.errors import RecipeError

    if flags.ratio < 1:
        raise RecipeError(f"--ratio is {flags.ratio:g}", remedy="Give 1 or more.")
    degrade = Sharp() if flags.ratio == 1 else ByRatio(flags.ratio)
    looks = {"fit": flags.fit, "zooms": flags.zoom, "mirror": flags.mirror, "degrade": degrade}
    return detector_model(flags.model, flags.min_score, device=flags.device, **looks)
