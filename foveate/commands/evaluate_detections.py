"""foveate evaluate, of boxes that any detector wrote in WIDER FACE's text format."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.markup import escape

from foveate.commands.judged import conclude
from foveate.commands.terminal import answer, console

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags


def judge(flags: "Flags") -> None:
    """Average precision of boxes in folders, event/photo.txt for each photo, on annotated photos."""
    from foveate.data.face_photos import open_face_tests
    from foveate.errors import RecipeError

    if flags.ratio or flags.side or flags.preset != "as trained":
        raise RecipeError(
            "--ratio, --side and --preset say nothing to boxes", file=flags.models[0], remedy="Leave them out."
        )
    tests = open_face_tests(flags.data)
    answers: dict[str, Any] = {}
    for folder in flags.models:
        answers[str(folder)] = {test.name: _judged(folder, test) for test in tests}
        for name, found in answers[str(folder)].items():
            text = f"{folder}: {name}: " + "; ".join(_words(title, found[key]) for key, title in _TITLES.items())
            if flags.json:
                console.print(text, markup=False)
            else:
                answer(found, as_json=False, text=text)
    conclude(answers, flags)


_TITLES: Final = {
    "average_precision": "average precision",
    "empty_photos_too": "false alarms in photos without faces counted",
}


def _words(title: str, values: dict[str, float]) -> str:
    return f"{title} " + ", ".join(f"{level} {100 * value:.2f}" for level, value in values.items()) + " %"


def _judged(folder: Path, test: Any) -> dict[str, Any]:
    """By WIDER FACE's levels where the set has them; else all faces count, and so do all false alarms."""
    from foveate.data.detections import read_detections
    from foveate.data.wider_truth import WiderTruth
    from foveate.evaluate.detection import plain_boxes, wider_face

    photos = test.images.photos
    found, missing = read_detections(folder, [photo.name for photo in photos])
    if missing:
        words = f"{len(missing):,} of {len(photos):,} photos of {test.name} have no file ({missing[0]}, ...)"
        console.print(f"[bold red]WARNING[/]: {escape(f'{folder}: {words}')}; they count as photos without boxes.")
    if test.levels:
        truth = WiderTruth(photos, test.levels)
        official, strict = (wider_face(found, truth, empty_photos=empty) for empty in (False, True))
    else:
        official = strict = {"all": plain_boxes(found, photos)}
    return {
        "average_precision": {level: result.average_precision for level, result in official.items()},
        "empty_photos_too": {level: result.average_precision for level, result in strict.items()},
        "photos": len(photos),
        "photos_without_file": len(missing),
    }


def holds_detections(path: Path) -> bool:
    """Whether a folder holds texts of boxes, and no model."""
    of_a_run = ("model.safetensors", "run.json", "output.txt")
    if not path.is_dir() or any((path / name).exists() for name in of_a_run):
        return False
    return next(path.glob("**/*.txt"), None) is not None
