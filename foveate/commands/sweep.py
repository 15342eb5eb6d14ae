"""foveate sweep MODEL...: how small may a face be?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.markup import escape

from foveate.commands.terminal import answer, check_figure, console
from foveate.commands.tests_of import check_faces, tests_of


def sweep(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(judge, prog="foveate sweep", args=list(arguments))


def judge(
    models: tyro.conf.Positional[tuple[Path, ...]],
    /,
    *,
    data: tuple[Path, ...] = (),
    side: tuple[int, ...] = (),
    preset: Literal["as trained", "paper", "released"] = "as trained",
    far: float = 0.01,
    target: float = 0.5,
    device: str = "auto",
    out: Path | None = None,
    figure: Path | None = None,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Judge models at many sizes of the face: both photos small (LR-LR), or one of the two (HR-LR).

    Says for each model the smallest face at which it still recognises the wanted share of same pairs.

    Args:
        models: model.safetensors files, or folders of runs.
        data: verification sets; by default those the model was trained beside.
        side: sides of the small faces in pixels; by default 7, 10, 14, 20, 28, 40, 56, 80 and 112.
        preset: of the degradation.
        far: false accept rate that is allowed.
        target: true accept rate that is wanted of a usable size.
        device: auto, cpu, cuda, ...
        out: also write the answers to this JSON file.
        figure: also draw the curves into this file (.png, .svg or .pdf).
        as_json: print the answers as JSON.
    """
    from foveate.data.pairs import sharp_pairs
    from foveate.errors import DataError, RecipeError
    from foveate.evaluate.sweep import MODES, SIDES, Sweep, smallest_usable
    from foveate.files import finite, write_json
    from foveate.memory import keep_freed_memory
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    if not models:
        raise DataError("no model was named", remedy="Name one or more model.safetensors that 'foveate train' wrote.")
    check_figure(figure)
    if not 0 <= target <= 1:
        raise RecipeError(f"--target is {target:g}", remedy="Give a rate from 0 to 1.")
    if out is not None and out.is_dir():
        raise DataError("it is a folder", file=out, remedy="Name the JSON file to write.")
    keep_freed_memory()
    place, answers, loaded = choose_device(device), {}, {path: load_model(path) for path in models}
    for path, model in loaded.items():
        check_faces(model, path)
    todo: dict[Path, list[Sweep]] = {}
    opened: dict[str, Any] = {}
    for path, model in loaded.items():
        own_data = {name: model.card["arguments"].get(name) for name in ("data", "test", "hold_out", "tune")}
        key = "" if data else str(own_data)  # models that are judged on the same sets share them
        if key not in opened:
            opened[key] = sharp_pairs(tests_of(model, data, file=path))
        sets = opened[key]
        if not sets:
            raise DataError("there are no verification sets", file=path, remedy="Name some of sharp faces with --data.")
        own = model.card["arguments"].get("preset", model.views.preset)
        if preset not in ("as trained", own):
            console.print(
                f"[bold red]WARNING[/]: {escape(str(path))} was trained under the preset '{own}' and is judged under "
                f"'{preset}': the curve is no fair one."
            )
        seen = own if preset == "as trained" else preset
        todo[path] = [Sweep(pairs, model.views, seen, model.network.size, side or SIDES, far) for pairs in sets]
        for asked in todo[path]:
            asked.look()
    for path, every in todo.items():
        network, found = loaded.pop(path).network.to(place), []
        for asked in every:
            one = asked(network)
            one["smallest_usable"] = {mode: smallest_usable(one[mode], target) for mode in MODES}
            found.append({**one, "target": target})
            console.print(f"{path}: {asked.headline(one)}", markup=False)
        answers[str(path)] = found
        if out is not None:
            write_json(out, answers)
    if figure is not None:
        _draw(answers, figure)
    answer(finite(answers), as_json=as_json, text="\n".join(_words(answers, far, target)))


def _words(answers: dict[str, Any], far: float, target: float) -> list[str]:
    lines = []
    for path, found in answers.items():
        for one in found:
            sizes = ", ".join(
                f"{mode} {'none' if side is None else f'{side} px'}" for mode, side in one["smallest_usable"].items()
            )
            lines.append(f"{path}: smallest face of {one['set']} with TAR {target:g} at FAR {far:g}: {sizes}")
    return lines


def _draw(answers: dict[str, Any], file: Path) -> None:
    import io
    from dataclasses import replace

    from foveate.files import write_bytes
    from foveate.plots.sweep import accuracy_by_size
    from foveate.plots.theme import LIGHT

    rows = [
        {
            "label": path,
            "recipe": path,
            "panel": f"{one['set']}, {mode}",
            "points": [{**point, "mean": point["accuracy"]} for point in one[mode]],
        }
        for path, found in answers.items()
        for one in found
        for mode in ("LR-LR", "HR-LR")
    ]
    image = io.BytesIO()
    drawn = accuracy_by_size(rows, theme=replace(LIGHT, others=tuple(answers)))
    drawn.savefig(image, format=file.suffix.removeprefix(".") or "png", dpi=150)
    write_bytes(file, image.getvalue())
