"""foveate train RECIPE: run one experiment."""

import dataclasses
import inspect
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import tyro

from foveate.commands.terminal import Bar, answer


@dataclasses.dataclass(frozen=True)
class RunFlags:
    """How to run.

    Attributes:
        out: folder of the run; by default runs/RECIPE-SEED.
        scale: "full" is the paper's size, "small" fits two CPU cores. Single values can be changed by the flags below.
        seed: of all that is drawn by chance.
        device: auto, cpu, cuda, cuda:1, ...
        precision: bf16 autocast, or float32.
        workers: processes that decode images.
        resume: continue from the newest checkpoint in the folder, bit for bit.
        checkpoint_every: steps between checkpoints.
        log_every: steps between lines of log.jsonl.
        cache: keep what the teacher says of every face in this folder, and train without it; for methods that compare
            attention maps or logits.
        tensorboard: also write TensorBoard's event files.
        json: print the results as JSON.
    """

    out: Path | None = None
    scale: Literal["full", "small"] = "full"
    seed: int = 0
    device: str = "auto"
    precision: Literal["bf16", "float32"] = "bf16"
    workers: int = 0
    resume: bool = False
    checkpoint_every: int = 200
    log_every: int = 20
    cache: Path | None = None
    tensorboard: bool = False
    json: bool = False


def train(arguments: Sequence[str]) -> None:
    """Train a network: foveate train RECIPE --data PATH [flags]. "foveate train RECIPE --help" lists the flags."""
    from foveate.discover import names, recipe

    if not arguments or arguments[0] in ("-h", "--help"):
        text = f"usage: foveate train RECIPE --data PATH [flags]\n\nRecipes: {', '.join(names('recipes'))}\n"
        sys.stdout.write(text + "\n'foveate train RECIPE --help' explains a recipe and its flags.\n")
        return
    name, *flags = arguments
    run, task, options = parse(recipe(name), name, flags)
    from foveate import distributed
    from foveate.run import Silent

    with distributed.joined(), Bar(name) if distributed.is_first() else nullcontext(Silent()) as watcher:
        results = run_recipe(name, run, task, options, watcher)
        if distributed.is_first():
            answer(results, as_json=run.json, text=f"{name}: finished, see {results['out']}")


def parse(function: Callable[..., Any], name: str, flags: Sequence[str]) -> tuple[RunFlags, Any, dict[str, Any]]:
    """Read the flags of a recipe: those of the run, those of its task (data and scale), and its own.

    The scale named by ``--scale`` gives the defaults of the single size flags, so ``--help`` shows what will be.
    """
    from foveate.scale import SCALES

    hints = get_type_hints(function)
    first, *own = inspect.signature(function).parameters.values()
    chosen = tyro.cli(RunFlags, args=_only_scale(flags), add_help=False)
    task = hints[first.name](data=Path(), scale=SCALES[chosen.scale])
    object.__setattr__(task, "data", tyro.MISSING)  # no path can be the default of a flag that must be given
    made = dataclasses.make_dataclass(
        name,
        [
            ("run", Annotated[RunFlags, tyro.conf.OmitArgPrefixes], dataclasses.field(default=chosen)),
            ("task", Annotated[hints[first.name], tyro.conf.OmitArgPrefixes], dataclasses.field(default=task)),
            *[(item.name, hints[item.name], _field(item)) for item in own],
        ],
        frozen=True,
    )
    made.__doc__ = (inspect.getdoc(function) or "").replace("Args:", "Attributes:")
    made.__module__ = function.__module__
    values = tyro.cli(made, prog=f"foveate train {name}", args=list(flags), config=(tyro.conf.OmitArgPrefixes,))
    return values.run, values.task, {item.name: getattr(values, item.name) for item in own}


def _only_scale(flags: Sequence[str]) -> list[str]:
    for place, flag in enumerate(flags):
        if flag == "--scale":
            return list(flags[place : place + 2])
        if flag.startswith("--scale="):
            return [flag]
    return []


def _field(parameter: inspect.Parameter) -> Any:
    return dataclasses.field(
        default=tyro.MISSING if parameter.default is inspect.Parameter.empty else parameter.default
    )


def run_recipe(name: str, flags: RunFlags, task: Any, options: dict[str, Any], watcher: Any) -> dict[str, Any]:
    """Build the experiment of a recipe with weights drawn from the seed, and run it."""
    import torch

    from foveate.chance import integer
    from foveate.discover import recipe
    from foveate.run import Run
    from foveate.train import train as run_experiment

    defaults = {item.name: item.default for item in inspect.signature(recipe(name)).parameters.values()}
    chosen = {key: options.get(key, default) for key, default in list(defaults.items())[1:]}
    out = flags.out or Path("runs") / f"{name}-{flags.seed}"
    torch.manual_seed(integer("weights", flags.seed))
    experiment = recipe(name)(task, **chosen)
    run = Run(
        out=out,
        recipe=name,
        arguments=plain({**dataclasses.asdict(task), **chosen}),
        seed=flags.seed,
        device=flags.device,
        precision=flags.precision,
        workers=flags.workers,
        resume=flags.resume,
        checkpoint_every=flags.checkpoint_every,
        log_every=flags.log_every,
        tensorboard=flags.tensorboard,
        cache=flags.cache,
        watcher=watcher,
    )
    return {"out": str(out), **run_experiment(experiment, run)}


def plain(value: Any) -> Any:
    """Arguments as JSON values: paths become strings, tuples lists."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value
