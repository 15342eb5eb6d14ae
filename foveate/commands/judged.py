"""What judging has in common, whatever the models are for: their views, questions and answers."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from foveate.commands.terminal import answer, console

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags
    from foveate.degrade.degradation import Degradation
    from foveate.degrade.preset import Preset


def ask(path: Path, evaluations: Sequence[Any], network: Any, as_json: bool) -> dict[str, Any]:
    """Ask one model, and print what each evaluation found."""
    found = {}
    for evaluation in evaluations:
        found[evaluation.name] = evaluation(network)
        line = f"{path}: {evaluation.headline(found[evaluation.name])}"
        if as_json:
            console.print(line, markup=False)
        else:
            answer(found[evaluation.name], as_json=False, text=line)
    return found


def ask_all(todo: list[tuple[Path, list[Any], Any]], flags: "Flags", place: Any) -> None:
    """Ask models one after another; what cannot be judged is said before the first, and ``--out`` grows with each.

    Args:
        todo: path, evaluations and network of each; is emptied, so that the memory of each is free after it.
        flags: of the command.
        place: device to compute on.
    """
    from foveate.files import write_json

    for _, evaluations, _ in todo:
        for evaluation in evaluations:
            evaluation.look()
    answers: dict[str, Any] = {}
    while todo:
        path, evaluations, network = todo.pop(0)
        answers[str(path)] = ask(path, evaluations, network.to(place), flags.json)
        if todo and flags.out is not None:
            write_json(flags.out, answers)
    conclude(answers, flags)


def conclude(answers: dict[str, Any], flags: "Flags") -> None:
    """Write and print all answers, as they are wanted."""
    from foveate.files import finite, write_json

    if flags.out is not None:
        write_json(flags.out, answers)
    if flags.json:
        answer(finite(answers), as_json=True, text="")


def square(size: int) -> "Callable[[Preset, Flags], Degradation]":
    """The degradation that flags name, for images of one size."""

    def make(preset: "Preset", flags: "Flags") -> "Degradation":
        from foveate.degrade.preset import degradation

        return degradation(preset, ratio=flags.ratio, side=flags.side, size=size)

    return make


def views_of(model: Any, flags: "Flags", make: "Callable[[Preset, Flags], Degradation]") -> Any:
    """The model's own views, with another degradation where one is named."""
    from foveate.errors import RecipeError

    own = model.views
    trained = model.card["arguments"].get("preset", own.preset)  # sharp views of photos do not tell
    if not flags.ratio and not flags.side:
        if flags.preset not in ("as trained", trained):
            raise RecipeError("a preset needs a size", remedy="Add --ratio 8, or --side 14.")
        return own
    named = trained if flags.preset == "as trained" else flags.preset
    degrade = make(named, flags)
    if trained != named:
        console.print(
            f"[bold red]WARNING[/]: the model was trained under the preset '{trained}' ('{own.degrade.title}') and is "
            f"judged under '{named}' ('{degrade.title}'): the number is no fair one."
        )
    return own.with_degradation(degrade)
