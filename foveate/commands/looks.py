"""foveate looks MODEL...: where do the networks look?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import tyro

from foveate.commands.terminal import answer, check_figure
from foveate.commands.tests_of import check_faces, tests_of


def looks(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(draw, prog="foveate looks", args=list(arguments))


def draw(
    models: tyro.conf.Positional[tuple[Path, ...]],
    /,
    *,
    data: tuple[Path, ...] = (),
    faces: int = 6,
    out: Path = Path("looks.png"),
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Draw the spatial attention of each model's first block over the same faces, as the A-SKD paper's Fig. 4 does.

    The figure shows faces: mind whose they are before you pass it on.

    Args:
        models: model.safetensors files, or folders of runs, in the order of the rows.
        data: a verification set, from which faces are taken; by default one the first model was trained beside.
        faces: how many.
        out: the figure (.png, .svg or .pdf).
        as_json: print the file's name as JSON.
    """
    import io
    import tempfile

    from foveate.errors import DataError
    from foveate.evaluate.looks import save_looks
    from foveate.files import write_bytes
    from foveate.model_file import load_model
    from foveate.plots.attention import attention_figure
    from foveate.report.looks import read_looks

    if not models or faces < 1:
        raise DataError("there is nothing to draw", remedy="Name one or more models, and one or more faces.")
    check_figure(out)
    loaded = [load_model(path) for path in models]
    for path, model in zip(models, loaded, strict=True):
        check_faces(model, path)
    low = next((model.views for model in loaded if model.views.degrade.title != "sharp"), loaded[-1].views)
    shown = _faces(data, loaded[0], models[0], faces)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "looks.npz"
        save_looks(file, shown, dict(zip(_names(loaded), loaded, strict=True)), low=low)
        seen = read_looks(file)
    image = io.BytesIO()
    figure = attention_figure(seen.high, seen.low, seen.networks, most=faces)
    figure.savefig(image, format=out.suffix.removeprefix(".") or "png", dpi=150)
    write_bytes(out, image.getvalue())
    answer({"file": str(out)}, as_json=as_json, text=str(out))


def _faces(data: tuple[Path, ...], model: Any, file: Path, count: int) -> list[bytes]:
    """Faces spread over the first verification set."""
    from foveate.data.pairs import sharp_pairs
    from foveate.errors import DataError

    pairs = next(iter(sharp_pairs(tests_of(model, data, file=file))), None)
    if pairs is None:
        raise DataError("there is no verification set to take faces from", remedy="Name one with --data.")
    step = max(1, len(pairs.images) // count)
    return [pairs.images[number * step] for number in range(min(count, len(pairs.images)))]


def _names(models: Sequence[Any]) -> list[str]:
    """Recipes, numbered where one comes twice."""
    recipes = [str(model.card["recipe"]) for model in models]
    return [
        f"{name} ({recipes[:place].count(name) + 1})" if recipes.count(name) > 1 else name
        for place, name in enumerate(recipes)
    ]
