"""foveate evaluate, of models that find faces in photos."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from foveate.commands.judged import ask, conclude, views_of

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags
    from foveate.degrade.degradation import Degradation
    from foveate.degrade.preset import Preset


def judge(flags: "Flags") -> None:
    """Average precision of detectors on annotated photos."""
    from foveate.data.face_photos import open_face_test
    from foveate.errors import DataError
    from foveate.evaluate.face_detection import judged_on
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    place = choose_device(flags.device)
    tests = [open_face_test(path) for path in flags.data]
    if len({test.name for test in tests}) < len(tests):
        raise DataError("two sets have one name", file=flags.data[0], remedy="Evaluate them one after the other.")
    answers: dict[str, Any] = {}
    for path in flags.models:
        model = load_model(path)
        views, fit = views_of(model, flags, _by_ratio), tuple(model.card["arguments"]["scale"]["fit"])
        asked = [
            replace(judged_on(test, views, fit, test.name), zooms=flags.zoom, mirror=flags.mirror) for test in tests
        ]
        answers[str(path)] = ask(path, asked, model.network.to(place), flags.json)
    conclude(answers, flags)


def _by_ratio(preset: "Preset", flags: "Flags") -> "Degradation":
    from foveate.degrade.by_ratio import ByRatio
    from foveate.degrade.sharp import Sharp
    from foveate.errors import RecipeError

    if flags.side or len(flags.ratio) != 1 or flags.ratio[0] < 1:
        raise RecipeError("photos have many sizes, so a detector is judged at one ratio", remedy="Give --ratio 8, say.")
    return Sharp() if flags.ratio[0] == 1 else ByRatio(float(flags.ratio[0]), preset)
