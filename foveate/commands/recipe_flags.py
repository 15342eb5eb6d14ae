"""The flags of recipes: read from the command line, and made from the recipes' own parameters."""

import dataclasses
import inspect
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import tyro


@dataclasses.dataclass(frozen=True)
class RunFlags:
    """How to run.

    Attributes:
        out: folder of the run; by default runs/RECIPE-SEED.
        scale: "full" is the paper's size, "small" fits two CPU cores. Single values can be changed by the flags below.
        seed: of all that is drawn by chance.
        device: auto, cpu, cuda, cuda:1, ...
        precision: bf16 autocast, float32, or auto: bf16 where the device is faster in it; a resumed run keeps its
            own.
        workers: processes that decode images.
        resume: continue from the newest checkpoint in the folder, bit for bit.
        checkpoint_every: steps between checkpoints.
        log_every: steps between lines of log.jsonl.
        cache: keep what the teacher says of every face in this folder, and train without it; for methods that compare
            attention maps, embeddings or logits.
        compile: run the objective through torch.compile; for GPUs, on CPU it was slower.
        tensorboard: also write TensorBoard's event files.
        json: print the results as JSON.
    """

    out: Path | None = None
    scale: Literal["full", "small"] = "full"
    seed: int = 0
    device: str = "auto"
    precision: Literal["auto", "bf16", "float32"] = "auto"
    workers: int = 0
    resume: bool = False
    checkpoint_every: int = 200
    log_every: int = 20
    cache: Path | None = None
    compile: bool = False
    tensorboard: bool = False
    json: bool = False


@dataclasses.dataclass(frozen=True)
class Plan:
    """A recipe with its flags, read.

    Attributes:
        name: of the recipe.
        flags: of the run.
        parts: its positional arguments: dataclasses of flags, such as task and student.
        options: its other arguments, by name.
        out: folder of the run.
    """

    name: str
    flags: RunFlags
    parts: tuple[Any, ...]
    options: dict[str, Any]
    out: Path

    @property
    def arguments(self) -> dict[str, Any]:
        """All that the recipe is given, by name."""
        return _flat(self.parts, self.options)


def parse_all(arguments: Sequence[str]) -> list[Plan]:
    """Read recipes with their flags, separated by "+"; each takes over what the first one was given."""
    from foveate.discover import recipe

    (first, *flags), *others = _split(arguments)
    run, parts, options = parse(recipe(first), first, flags)
    read = [(first, run, parts, options)]
    # What was not given is each recipe's own business: a weight means something else to another method.
    given = _given(parts, options, recipe(first))
    for name, *own in others:
        read.append((name, *parse(recipe(name), name, own, (dataclasses.replace(run, out=None), given))))
    if not others:
        return [Plan(first, run, parts, options, run.out or Path("runs") / f"{first}-{run.seed}")]
    root = run.out or Path("runs")
    names = [f"{name}{_view(_flat(parts, options))}" for name, _, parts, options in read]
    numbered = [f"{name}-{place}" if names.count(name) > 1 else name for place, name in enumerate(names, start=1)]
    outs = [
        (None if run is read[0][1] else run.out) or root / f"{numbered[place]}-{run.seed}"
        for place, (_, run, _, _) in enumerate(read)
    ]
    return [Plan(*item, out) for item, out in zip(read, outs, strict=True)]


def _flat(parts: tuple[Any, ...], options: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in parts:
        found.update(dataclasses.asdict(part))
    return {**found, **options}


def _given(parts: tuple[Any, ...], options: dict[str, Any], function: Callable[..., Any]) -> dict[str, Any]:
    """The flags that are not as they would be if they had been left out."""
    defaults = inspect.signature(function).parameters
    found = {name: value for name, value in options.items() if value != defaults[name].default}
    for part in parts:
        values = {item.name: (getattr(part, item.name), item.default) for item in dataclasses.fields(part)}
        found.update({name: value for name, (value, default) in values.items() if value != default})
    return found


def _split(arguments: Sequence[str]) -> list[list[str]]:
    from foveate.errors import RecipeError

    parts: list[list[str]] = [[]]
    for word in arguments:
        if word == "+":
            parts.append([])
        else:
            parts[-1].append(word)
    if not all(parts):
        raise RecipeError("a recipe is missing beside the +", remedy="For example: foveate train askd FLAGS + base.")
    return parts


def _view(arguments: dict[str, Any]) -> str:
    """What the student sees, for the name of a folder."""
    ratio, side = (arguments.get(name) or () for name in ("ratio", "side"))
    words = [f"{value}x" for value in ratio] + [f"{value}px" for value in side]
    return "".join(f"-{word}" for word in words)


def parse(
    function: Callable[..., Any],
    name: str,
    flags: Sequence[str],
    before: tuple[RunFlags, dict[str, Any]] | None = None,
) -> tuple[RunFlags, tuple[Any, ...], dict[str, Any]]:
    """Read the flags of a recipe: those of the run, of its parts (task and student), and its own.

    Positional arguments of a recipe are dataclasses, whose fields are flags; each keyword argument is one flag. The
    scale named by ``--scale`` gives the defaults of the single size flags, so ``--help`` shows what will be. What
    was read ``before`` gives the defaults of a further recipe.
    """
    hints, parameters = get_type_hints(function), inspect.signature(function).parameters.values()
    own = [item for item in parameters if item.kind is inspect.Parameter.KEYWORD_ONLY]
    run, known = before or (tyro.cli(RunFlags, args=_only_scale(flags), add_help=False), {})
    if before is not None:
        known = _taken_over(known, flags)
    parts = {item.name: _part(hints[item.name], run.scale, known) for item in parameters if item not in own}
    made = dataclasses.make_dataclass(
        name,
        [
            (key, Annotated[type(value), tyro.conf.OmitArgPrefixes], dataclasses.field(default=value))
            for key, value in {"run": run, **parts}.items()
        ]
        + [(item.name, hints[item.name], _field(item, known)) for item in own],
        frozen=True,
    )
    made.__doc__ = (inspect.getdoc(function) or "").replace("Args:", "Attributes:")
    made.__module__ = function.__module__
    values = tyro.cli(made, prog=f"foveate train {name}", args=list(flags), config=(tyro.conf.OmitArgPrefixes,))
    read = tuple(getattr(values, key) for key in parts)
    begun = values.run.resume and values.run.out is not None and (values.run.out / "run.json").is_file()
    for part in read:
        if hasattr(part, "scale") and not begun:
            _check_schedule(flags, part.scale)
    return (
        values.run,
        read,
        {item.name: getattr(values, item.name) for item in own},
    )


def _check_schedule(flags: Sequence[str], scale: Any) -> None:
    """Refuse flags of the other schedule, which would be passed over, and milestones that nobody named for so long.

    Raises:
        RecipeError: there are such flags.
    """
    from foveate.errors import RecipeError

    given, steps = {flag.partition("=")[0] for flag in flags}, scale.schedule == "steps"
    other, kind = (("--cycles", "--floor"), "cosine") if steps else (("--milestones",), "steps")
    idle = next((flag for flag in other if flag in given), None)
    if idle is not None:
        remedy = f"Do without, or add --schedule {kind}."
        raise RecipeError(f"{idle} says nothing to --schedule {scale.schedule}", remedy=remedy)
    early = steps and scale.milestones and max(scale.milestones) < 0.8 * scale.epochs
    if early and "--epochs" in given and "--milestones" not in given:
        words = " ".join(map(str, scale.milestones))
        raise RecipeError(
            f"--epochs is {scale.epochs}, and --milestones {words} are those of fewer",
            remedy="Name milestones too, or these again if they are meant.",
        )


def _taken_over(known: dict[str, Any], flags: Sequence[str]) -> dict[str, Any]:
    """What a further recipe has of the first: all but the size of faces that it names otherwise."""
    from foveate.errors import RecipeError

    given = {flag.partition("=")[0] for flag in flags}
    if "--scale" in given:
        raise RecipeError("--scale is of all recipes", remedy="Name it once, before the first +.")
    other = {"--side": "ratio", "--ratio": "side"}
    return {
        name: value for name, value in known.items() if name not in {other[flag] for flag in other if flag in given}
    }


def _part(kind: Any, scale: str, known: dict[str, Any]) -> Any:
    """A dataclass of flags before they are read; what must be given is missing."""
    fields = dataclasses.fields(kind)
    known = {**({"scale": kind.scales[scale]} if hasattr(kind, "scales") else {}), **known}
    values = {item.name: known[item.name] for item in fields if item.name in known}
    needed = [item.name for item in fields if item.default is dataclasses.MISSING and item.name not in values]
    made = kind(**values, **dict.fromkeys(needed, Path()))
    for name in needed:
        object.__setattr__(made, name, tyro.MISSING)  # no value can be the default of a flag that must be given
    return made


def _only_scale(flags: Sequence[str]) -> list[str]:
    """The flag that counts, which is the last, as of all flags."""
    for place, flag in reversed(list(enumerate(flags))):
        if flag == "--scale":
            return list(flags[place : place + 2])
        if flag.startswith("--scale="):
            return [flag]
    return []


def _field(parameter: inspect.Parameter, known: dict[str, Any]) -> Any:
    default = known.get(parameter.name, parameter.default)
    return dataclasses.field(default=tyro.MISSING if default is inspect.Parameter.empty else default)
