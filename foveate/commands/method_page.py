"""The documentation page of all methods: every recipe with its flags and their defaults, and all that it is made of."""

import dataclasses
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, get_type_hints

_ENTRY = re.compile(r"(\w+(?:, \w+)*): (.*)", re.DOTALL)


def page(found: Mapping[str, Mapping[str, str]], rooms: Mapping[str, str]) -> str:
    """The page, in Markdown.

    Args:
        found: the methods of each kind by file name, each with a sentence.
        rooms: what each kind is for.
    """
    from foveate.discover import recipe

    recipes = {name: recipe(name) for name in found["recipes"]}
    lines = ["# Methods", "", "Made by `foveate list --markdown` from the docstrings; do not edit.", ""]
    tasks = dict.fromkeys(next(iter(_hints(function).values())) for function in recipes.values())
    lines += [f"## recipes: {rooms['recipes']}", "", *_scope(), ""]
    for task in tasks:
        own = {name: each for name, each in recipes.items() if next(iter(_hints(each).values())) is task}
        lines += [f"### recipes of {task.__name__}: {first(task)}", ""]
        for name, function in own.items():
            lines += [f"#### {name}", "", *_recipe(function), ""]
    lines += ["## flags that recipes share", ""]
    for kind in _parts(recipes.values()):
        lines += [f"### {kind.__name__}", "", first(kind), "", *_fields(kind), ""]
    made = made_of()
    for room, entries in found.items():
        if room == "recipes":
            continue
        lines += [f"## {room}: {rooms[room]}", ""]
        for name, text in entries.items():
            call = f" `{_call(made[room][name])}`" if room in made else ""
            lines += [f"- **{name}** (`foveate/{room}/{name}.py`): {text}{call}"]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _scope() -> list[str]:
    return [
        "`DATA`, `R` and `T` stand for training images, a down-sampling ratio and a teacher's weights. Numbers of",
        "tables are of the flags that stand above each in [results](../results/README.md), not of the defaults here,",
        "which are the full scale. What each method compares, and whose equations these are: see",
        "[comparators](comparators.md).",
    ]


def _recipe(function: Callable[..., Any]) -> Iterator[str]:
    """What a recipe says of itself, and its flags."""
    text, _, arguments = (inspect.getdoc(function) or "").partition("\n\nArgs:\n")
    if "foveate train" not in text:
        text += f"\n\n``foveate train {function.__name__} --data DATA``."
    yield text.replace("``", "`")
    yield ""
    hints, parameters, rows = _hints(function), inspect.signature(function).parameters, []
    for names, what in _entries(arguments):
        for name in names:
            kind = hints[name]
            if _is_part(kind):
                rows.append((f"those of [{kind.__name__}](#{kind.__name__.lower()})", "", what))
            else:
                rows.append((_flag(name), _value(parameters[name].default), what))
    yield from _table(("flag", "default", "what it is"), rows)


def _fields(kind: type) -> Iterator[str]:
    """The flags of a dataclass and of those it is derived from; of a scale, at both sizes."""
    scales, rows = _scales(kind), []
    fields = {field.name: field for field in dataclasses.fields(kind)}
    said = {
        name: what
        for base in reversed(kind.__mro__)
        if dataclasses.is_dataclass(base)
        for names, what in _entries(inspect.cleandoc(base.__doc__ or "").partition("Attributes:\n")[2])
        for name in names
    }
    for name, what in said.items():
        if name not in fields:
            continue
        if scales:
            values = [_value(getattr(scale, name)) for scale in scales.values()]
        else:
            default = fields[name].default
            part = type(default)
            values = [f"[{part.__name__}](#{part.__name__.lower()})" if _is_part(part) else _value(default)]
        rows.append((_flag(name), *values, what))
    heads = [f"--scale {name}" for name in scales] if scales else ["default"]
    yield from _table(("flag", *heads, "what it is"), rows)


def _scales(kind: type) -> Mapping[str, Any]:
    return getattr(inspect.getmodule(kind), "SCALES", {}) if kind.__name__.endswith("Scale") else {}


def _parts(recipes: Any) -> list[type]:
    """The dataclasses of flags that recipes take, and those that these hold."""
    found = dict.fromkeys(kind for each in recipes for kind in _hints(each).values() if _is_part(kind))
    inner = dict.fromkeys(
        type(field.default) for kind in found for field in dataclasses.fields(kind) if _is_part(type(field.default))
    )
    return [*found, *inner]


def made_of() -> dict[str, dict[str, type]]:
    """For each kind but recipes and studies the classes by file name."""
    from foveate.attention.attention import Attention
    from foveate.backbones.backbone import Backbone
    from foveate.degrade.degradation import Degradation
    from foveate.discover import classes
    from foveate.distill.distiller import Distiller
    from foveate.heads.head import Head

    bases = {"distill": Distiller, "heads": Head, "attention": Attention, "backbones": Backbone, "degrade": Degradation}
    return {room: dict(classes(room, base)) for room, base in bases.items()}


def _call(kind: type) -> str:
    """How a class is made, with its defaults."""
    given = [
        each.name if each.default is inspect.Parameter.empty else f"{each.name}={_shown(each.default)}"
        for each in inspect.signature(kind).parameters.values()
        if each.kind not in (each.VAR_POSITIONAL, each.VAR_KEYWORD)
    ]
    return f"{kind.__name__}({', '.join(given)})"


def _shown(value: object) -> str:
    return value.__name__ if isinstance(value, type) else repr(value)


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: kind for name, kind in get_type_hints(function).items() if name != "return"}


def _is_part(kind: object) -> bool:
    return isinstance(kind, type) and dataclasses.is_dataclass(kind)


def _entries(text: str) -> Iterator[tuple[list[str], str]]:
    """The names and the words of each entry of a docstring's section, which ends with the next empty line."""
    lines = text.partition("\n\n")[0].splitlines()
    least = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    entries: list[str] = []
    for line in lines:
        if line[least:].startswith(" ") and entries:
            entries[-1] += " " + line.strip()
        else:
            entries.append(line.strip())
    for entry in entries:
        match = _ENTRY.fullmatch(entry)
        if match:
            yield match[1].split(", "), match[2]


def _flag(name: str) -> str:
    return f"`--{name.replace('_', '-')}`"


def _value(value: object) -> str:
    """A default as it is typed."""
    if value is inspect.Parameter.empty or value is dataclasses.MISSING:
        return "to be given"
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, tuple):
        return " ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def first(thing: object) -> str:
    """The first sentence of its documentation."""
    return (inspect.getdoc(thing) or "").split("\n")[0]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    if rows:
        yield "| " + " | ".join(head) + " |"
        yield "|" + " --- |" * len(head)
        for row in rows:
            yield "| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |"
