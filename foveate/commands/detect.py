"""foveate detect IMAGE... --model MODEL...: boxes around faces, drawn and as numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from foveate.commands.terminal import Bar, answer, console


@dataclass(frozen=True)
class Flags:
    """Find the faces of photos with a detector that 'foveate train widerface_...' made.

    Photos are searched as they are, turned upright: blurred ones need no flag. OUT/photo.jpg shows the boxes, with how
    sure the detector is in percent; OUT/detections.json has them as left, top, right, bottom edge in pixels, with a
    score from 0 to 1. A photo that cannot be read is named and passed over, and the command then ends with exit code 1.
    The pictures show faces: mind whose they are before you pass them on, or --hide the photos.

    Attributes:
        images: JPEG, PNG, BMP or WebP files, or folders of them, at any depth.
        model: model.safetensors of a detector, or the folder of its run. Of several each has a panel of the picture,
            and its own part of detections.json.
        out: folder for what is found.
        min_score: how sure the detector must be, from 0 to 1.
        fit: shorter and longer side, in pixels, that photos are brought within before they are searched; by default
            those of the model. Larger ones find smaller faces, more slowly.
        zoom: looks at each photo, this many times as large as it fits; several looks vote.
        mirror: look at mirror images, too.
        ratio: make the photos so many times smaller first and as large again: what the model finds in worse photos.
        as_trained: show each model photos as it was trained to see them, which the picture then shows, too: teacher and
            students side by side, as in the A-SKD paper's Fig. 6.
        draw: draw boxes into copies of the photos.
        truth: a set that the photos are of, as 'foveate evaluate --data' takes it: its boxes are drawn, too, in white.
        hide: draw boxes on grey in place of the photos, for pictures that show nobody.
        text: also write the boxes of a single model in WIDER FACE's format, into OUT/text; for average
            precision ('foveate evaluate OUT/text') also give --min-score 0.01, which models are judged by.
        device: auto, cpu, cuda, ...
        json: print the boxes as JSON.
    """

    images: tyro.conf.Positional[tuple[Path, ...]]
    model: tuple[Path, ...]
    out: Path = Path("detections")
    min_score: float = 0.4
    fit: tuple[int, int] | None = None
    zoom: tuple[float, ...] = (1.0,)
    mirror: bool = False
    ratio: float = 1.0
    as_trained: bool = False
    draw: bool = True
    truth: Path | None = None
    hide: bool = False
    text: bool = False
    device: str = "auto"
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def detect(arguments: Sequence[str]) -> int:
    """Run the command with these arguments; 1 if a photo could not be read."""
    flags = tyro.cli(Flags, prog="foveate detect", args=list(arguments))
    from foveate.align.photo import read_photo
    from foveate.align.photo_folder import stems
    from foveate.data.detections import text_files, write_detections
    from foveate.data.encode import encode
    from foveate.data.image_writer import write_image
    from foveate.detect.drawn import drawn, panels
    from foveate.errors import DataError
    from foveate.files import write_json

    files, finders = _files(flags.images), _finders(flags)
    called, found = stems([*files]), {model: dict[str, Any]() for model in finders}
    _keep_photos(flags, files, called)
    if flags.text:
        text_files(files)
    faces = _truth(flags.truth, files)
    with Bar("detect") as bar:
        for number, (name, file) in enumerate(files.items(), start=1):
            try:
                photo = read_photo(file.read_bytes(), file=file)
            except (DataError, OSError) as error:
                bar.say(str(error))
                continue
            for model, finder in finders.items():
                found[model][name] = finder(photo)
            if flags.draw:
                seen = {model: finder.shown(photo) for model, finder in finders.items()}
                marks = {"faces": faces.get(name), "hide": flags.hide}
                parts = {model: drawn(seen[model], found[model][name], **marks) for model in finders}
                write_image(flags.out / f"{called[name]}.jpg", encode(panels(parts)))
            bar.step(number, len(files), None)
    numbers = {model: {name: _numbers(boxes) for name, boxes in each.items()} for model, each in found.items()}
    flags.out.mkdir(parents=True, exist_ok=True)
    first, *others = numbers.values()
    write_json(flags.out / "detections.json", numbers if others else first)
    if flags.text:
        write_detections(flags.out / "text", next(iter(found.values())))
    words = [f"{name}: {_words([len(each[name]) for each in numbers.values()])}" for name in first]
    total = _words([sum(map(len, each.values())) for each in numbers.values()])
    whole = f"{total} in {len(first):,} photos, see {flags.out}"
    answer(numbers if others else first, as_json=flags.json, text="\n".join([*words, whole]))
    damaged = len(files) - len(first)
    if damaged:
        console.print(f"{damaged:,} of {len(files):,} photos cannot be read; the others were searched.")
    return 1 if damaged else 0


def _numbers(found: Any) -> list[dict[str, Any]]:
    return [
        {"box": [round(edge, 2) for edge in box], "score": round(score, 4)}
        for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True)
    ]


def _words(counts: Sequence[int]) -> str:
    return " and ".join(f"{count:,}" for count in counts) + f" face{'s' * (list(counts) != [1])}"


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


def _truth(path: Path | None, files: dict[str, Path]) -> dict[str, Any]:
    """The boxes that people drew, by the names that answers have for the photos."""
    if path is None:
        return {}
    from foveate.data.face_photos import open_face_test
    from foveate.errors import DataError

    images = open_face_test(path).images
    boxes = {images.file(index).resolve(): images.boxes(index) for index in range(len(images))}
    known = {name: boxes[file.resolve()] for name, file in files.items() if file.resolve() in boxes}
    if not known:
        raise DataError("none of the photos is in this set", file=path, remedy="Name the photos where the set has them")
    return known


def _keep_photos(flags: Flags, files: dict[str, Path], called: dict[str, str]) -> None:
    """Pictures with boxes must not take the place of photos, nor be searched the next time."""
    from foveate.errors import DataError

    out, photos = flags.out.resolve(), {file.resolve() for file in files.values()}
    inside = any(path.is_dir() and out.is_relative_to(path.resolve()) for path in flags.images)
    if inside or any(out / f"{stem}.jpg" in photos for stem in called.values()):
        raise DataError(
            "what is found would be among the photos", file=flags.out, remedy="Name a folder beside them (--out)"
        )


def _finders(flags: Flags) -> dict[str, Any]:
    """What finds faces, by the name of its panel."""
    from foveate.commands.detector_model import detector_model
    from foveate.errors import RecipeError

    if not flags.model:
        raise RecipeError("no model was named", remedy="Name a detector with --model.")
    if flags.ratio < 1:
        raise RecipeError(f"--ratio is {flags.ratio:g}", remedy="Give 1 or more.")
    if flags.as_trained and flags.ratio != 1:
        raise RecipeError("--as-trained and --ratio both say what models see", remedy="Leave one of them out.")
    if flags.text and len(flags.model) > 1:
        raise RecipeError("the format of --text has the boxes of one model", remedy="Name one, or leave --text out.")
    ratio = None if flags.as_trained else flags.ratio
    looks: dict[str, Any] = {"fit": flags.fit, "zooms": flags.zoom, "mirror": flags.mirror, "ratio": ratio}
    return {str(file): detector_model(file, flags.min_score, device=flags.device, **looks) for file in flags.model}
