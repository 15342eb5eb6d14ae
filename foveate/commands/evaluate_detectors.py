"""foveate evaluate, of models that find faces in photos."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from foveate.commands.judged import ask_all, views_of
from foveate.commands.terminal import console

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags
    from foveate.data.face_photos import FaceTest
    from foveate.degrade.degradation import Degradation
    from foveate.degrade.preset import Preset


def judge(flags: "Flags") -> None:
    """Average precision of detectors on annotated photos."""
    from foveate.data.face_photos import open_face_tests
    from foveate.detection_scale import fit_of
    from foveate.evaluate.face_detection import judged_on
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    place = choose_device(flags.device)
    tests = open_face_tests(flags.data)
    todo: list[tuple[Path, list[Any], Any]] = []
    for path in flags.models:
        model = load_model(path)
        views, fit = views_of(model, flags, _by_ratio), fit_of(model.card)
        own = [_unseen(test, model.card, path) for test in tests]
        asked = [
            replace(judged_on(test, view, fit, f"{test.name}{at}"), zooms=flags.zoom, mirror=flags.mirror)
            for test in own
            for view, at in views.named_apart()
        ]
        todo.append((path, asked, model.network))
    ask_all(todo, flags, place)


def _unseen(test: "FaceTest", card: Mapping[str, Any], model: Path) -> "FaceTest":
    """The same photos; of those that a model was trained on, the ones that training held out."""
    from foveate.data.face_photos import hold_out_faces

    known = card["classes"]["sha256"]
    if not test.levels and len(test.images) > 1:
        kept, held = hold_out_faces(test.images, float(card["arguments"].get("hold_out", 0.1)))
        if kept.fingerprint() == known:
            return replace(test, images=held)
    if test.images.fingerprint() == known:
        console.print(f"[bold red]WARNING[/]: {escape(f'{model} was trained on the photos of {test.name}')}")
    return test


def _by_ratio(preset: "Preset", flags: "Flags") -> "Degradation":
    from foveate.degrade.by_ratio import ByRatio
    from foveate.degrade.sharp import Sharp
    from foveate.errors import RecipeError

    if flags.side or len(flags.ratio) != 1 or flags.ratio[0] < 1:
        raise RecipeError("photos have many sizes, so a detector is judged at one ratio", remedy="Give --ratio 8, say.")
    return Sharp() if flags.ratio[0] == 1 else ByRatio(float(flags.ratio[0]), preset)
