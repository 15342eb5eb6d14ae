"""foveate evaluate, of models that classify photos of objects."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from foveate.commands.judged import ask_all, square, views_of
from foveate.commands.terminal import console

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags


def judge(flags: "Flags") -> None:
    """Top-1 and top-5 on the photos to test on, or on all where a folder holds classes alone."""
    from foveate.data.photo_crops import CentreCrop
    from foveate.errors import DataError
    from foveate.evaluate.photos import PhotoClassification
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    place = choose_device(flags.device)
    names = [folder.resolve().name for folder in flags.data]
    for folder, name in zip(flags.data, names, strict=True):
        if names.count(name) > 1:
            raise DataError(f"two test sets are called {name!r}", file=folder, remedy="Rename one folder.")
    todo: list[tuple[Path, list[Any], Any]] = []
    for path in flags.models:
        model = load_model(path)
        sets = {folder.resolve().name: _photos(folder, model.card) for folder in flags.data}
        known, views = model.card["classes"]["number"], views_of(model, flags, square(model.network.size))
        crop = CentreCrop(model.network.size, model.card["arguments"]["scale"]["share"])
        for images, _ in sets.values():
            if len(images.classes) != known:
                problem = f"the photos have {len(images.classes)} classes, the model {path} knows {known}"
                raise DataError(problem, file=images.path, remedy="Give the classes that it was trained on.")
        head = model.head.to(place)
        asked = [
            PhotoClassification(images, head, view, crop, name + at, held_out)
            for name, (images, held_out) in sets.items()
            for view, at in views.named_apart()
        ]
        todo.append((path, asked, model.network))
    ask_all(todo, flags, place)


def _photos(folder: Path, card: dict[str, Any]) -> tuple[Any, bool]:
    """The photos of a folder to judge a model on: those it brings for that, or those the model's training held out;
    and whether they are the latter."""
    from foveate.data.photos import hold_out_photos, open_photos

    images, tests = open_photos(folder)
    if tests is not None:
        return tests, False
    counts = [int((images.labels == number).sum()) for number in range(len(images.classes))]
    if len(counts) == card["classes"]["number"] and min(counts) > 1:
        kept, held = hold_out_photos(images, share=float(card["arguments"].get("hold_out", 0.1)))
        if kept.fingerprint() == card["classes"]["sha256"]:
            return held, True
    if images.fingerprint() == card["classes"]["sha256"]:
        console.print(f"[bold red]WARNING[/]: the model was trained on these photos: {escape(str(folder))}")
    return images, False
