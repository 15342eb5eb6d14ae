"""foveate train RECIPE: run one experiment."""

import dataclasses
import json
import sys
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any, Final, final

from foveate.commands.recipe_flags import Plan, parse_all
from foveate.commands.terminal import Bar, answer


def train(arguments: Sequence[str]) -> None:
    """Run a recipe, or several over the same batches."""
    from foveate.discover import names

    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(_USAGE.format(recipes=", ".join(names("recipes"))))
        return
    plans = parse_all(arguments)
    from foveate import distributed
    from foveate.run import Silent
    from foveate.train import train_together

    title = " + ".join(plan.name for plan in plans)
    with distributed.joined(), Bar(title) if distributed.is_first() else nullcontext(Silent()) as watcher:
        results = train_together([build(plan, watcher if len(plans) == 1 else Named(watcher, plan)) for plan in plans])
        found = [{"out": str(plan.out), **result} for plan, result in zip(plans, results, strict=True)]
        if distributed.is_first():
            text = "\n".join(f"{plan.name}: finished, see {plan.out}" for plan in plans)
            answer(found[0] if len(found) == 1 else found, as_json=any(plan.flags.json for plan in plans), text=text)


_USAGE: Final = """usage: foveate train RECIPE --data PATH [flags]
       foveate train RECIPE --data PATH [flags] + RECIPE [flags] + ...

Recipes: {recipes}

'foveate train RECIPE --help' explains a recipe and its flags. Recipes behind a + are trained over the same batches and
share the teacher's pass; they take over all flags that they do not change:

  foveate train askd --data faces --teacher T/model.safetensors --ratio 2 + askd --ratio 4 + base --ratio 8

Several processes, GPUs or machines: torchrun --nproc-per-node 8 -m foveate train RECIPE --data PATH [flags]
"""


@final
class Named:
    """A watcher of one of several students: what it says begins with the student's name."""

    def __init__(self, watcher: Any, plan: Plan) -> None:
        self._watcher, self._name = watcher, plan.out.name

    def step(self, step: int, total: int, record: dict[str, Any] | None) -> None:
        self._watcher.step(step, total, record)

    def say(self, text: str) -> None:
        self._watcher.say(f"{self._name}: {text}")


def build(plan: Plan, watcher: Any) -> tuple[Any, Any]:
    """The experiment of a recipe, with weights drawn from the seed, and how to run it."""
    import torch

    from foveate.chance import integer
    from foveate.discover import recipe
    from foveate.run import Run

    flags = plan.flags
    torch.manual_seed(integer("weights", flags.seed))
    experiment = recipe(plan.name)(*plan.parts, **plan.options)
    for problem in _doubts(plan):
        watcher.say(f"WARNING: {problem}")
    own = ("out", "precision")
    same = [item.name for item in dataclasses.fields(Run) if hasattr(flags, item.name) and item.name not in own]
    run = Run(
        out=plan.out,
        recipe=plan.name,
        arguments=plain(plan.arguments),
        precision=_precision(plan),
        watcher=watcher,
        **{name: getattr(flags, name) for name in same},
    )
    return experiment, run


def _doubts(plan: Plan) -> list[str]:
    """What a teacher is that a user may not have meant."""
    from foveate.model_file import read_card

    task, *others = plan.parts
    file = next((other.teacher for other in others if getattr(other, "teacher", None)), None)
    if file is None:
        return []
    card, doubts = read_card(file), []
    if (sees := card.get("degradation", "sharp")) != "sharp":
        doubts.append(f"the teacher {file} was trained on images made small ('{sees}') and is shown sharp ones")
    if card["classes"]["sha256"] != task.images.fingerprint():
        doubts.append(f"the teacher {file} was trained on other images; it may know some that are held out here")
    return doubts


def _precision(plan: Plan) -> Any:
    """That of the run which is resumed, wherever it was begun; else what was asked for."""
    from foveate.precision import choose_device, choose_precision

    begun = plan.out / "run.json"
    if plan.flags.precision == "auto" and plan.flags.resume and begun.is_file():
        with suppress(ValueError):  # a damaged file is told of where it is compared with this run
            return json.loads(begun.read_text()).get("precision", "bf16")
    return choose_precision(plan.flags.precision, choose_device(plan.flags.device))


def plain(value: Any) -> Any:
    """Arguments as JSON values: paths become strings, tuples lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
