"""Which test sets to ask a model about."""

from pathlib import Path
from typing import Any

from rich.markup import escape

from foveate.commands.terminal import console


def tests_of(model: Any, data: tuple[Path, ...], *, file: Path) -> tuple[Any, ...]:
    """The test sets that were named, or else those that the model was judged on when it was trained.

    Args:
        model: a ``foveate.model_file.Model`` that sees faces.
        data: what was named.
        file: the model's, for messages.

    Raises:
        DataError: as ``open_all_test_sets``; or nothing was named, and the model's weights come from elsewhere.
    """
    from foveate.data.open import open_all_test_sets
    from foveate.errors import DataError, RecipeError
    from foveate.face_task import FaceTask

    if data:
        return open_all_test_sets(data, must=data)
    known = model.card["arguments"]
    if "data" not in known:
        remedy = "Name test sets with --data."
        raise DataError("its weights were imported, so it knows no data of its own", file=file, remedy=remedy)
    held = {name: known[name] for name in ("hold_out", "tune") if name in known}
    try:
        return FaceTask(Path(known["data"]), tuple(map(Path, known["test"])), **held).tests
    except (DataError, RecipeError) as error:
        problem = f"what it was judged on when it was trained cannot be opened from here ({error.problem})"
        raise DataError(problem, file=error.file, remedy="Name test sets with --data.") from error


def check_faces(model: Any, file: Path) -> None:
    """Refuse a model that was not trained on faces.

    Raises:
        RecipeError: it sees photos of objects, or finds faces in photos.
    """
    from foveate.errors import RecipeError
    from foveate.views import FaceViews

    if not isinstance(model.views, FaceViews):
        raise RecipeError("the model does not recognise faces", file=file, remedy="Name models of faces alone.")


def tell_of_tests_beside(folder: Path) -> None:
    """Say that test sets beside training images are no part of what is made of the images."""
    beside = sorted(file.name for file in folder.glob("*.bin")) if folder.is_dir() else []
    if beside:
        names = ", ".join(beside[:3]) + (", ..." if beside[3:] else "")
        console.print(f"{escape(f'{folder}: {names}')} stay where they are: these are test sets.")
