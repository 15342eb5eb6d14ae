"""foveate list: what there is."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Final, get_type_hints

import tyro

from foveate.commands.terminal import answer

ROOMS: Final = {
    "recipes": "foveate train NAME",
    "studies": "foveate study NAME",
    "distill": "distillers",
    "heads": "--head NAME",
    "attention": "--attention NAME",
    "backbones": "networks",
    "degrade": "degradations",
}


def list_methods(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(show, prog="foveate list", args=list(arguments))


def show(
    *,
    markdown: bool = False,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """List the recipes, distillers, heads, attention modules, backbones and degradations there are.

    Args:
        markdown: print the page of the documentation, with every flag of every recipe.
        as_json: print them as JSON.
    """
    found = methods()
    if markdown:
        answer(found, as_json=False, text=page(found))
        return
    lines = []
    for room, entries in found.items():
        lines += [f"{room} ({ROOMS[room]})", *(f"  {name:<16}{text}" for name, text in entries.items()), ""]
    answer(found, as_json=as_json, text="\n".join(lines))


def methods() -> dict[str, dict[str, str]]:
    """For each kind the methods by file name, with the first sentence of their documentation."""
    from foveate.attention.attention import Attention
    from foveate.backbones.backbone import Backbone
    from foveate.degrade.degradation import Degradation
    from foveate.discover import classes, names, recipe, study
    from foveate.distill.distiller import Distiller
    from foveate.heads.head import Head

    bases = {"distill": Distiller, "heads": Head, "attention": Attention, "backbones": Backbone, "degrade": Degradation}
    found = {"recipes": {name: _first(recipe(name)) for name in names("recipes")}}
    found["studies"] = {name: _first(study(name)) for name in names("studies")}
    for room, base in bases.items():
        found[room] = {name: _first(inspect.getmodule(kind)) for name, kind in classes(room, base).items()}
    return found


def page(found: dict[str, dict[str, str]]) -> str:
    """The documentation page of all methods, in Markdown."""
    from foveate.discover import recipe

    lines = ["# Methods", "", "Made by `foveate list --markdown` from the docstrings; do not edit.", ""]
    lines += ["## flags that recipes share", ""]
    for name, kind in _parts(found["recipes"]).items():
        lines += [f"### {name}", "", "```text", _attributes(kind), "```", ""]
    for room, entries in found.items():
        lines += [f"## {room}: {ROOMS[room]}", ""]
        for name, text in entries.items():
            if room == "recipes":
                lines += [f"### {name}", "", "```text", _signature(recipe(name)), "```", ""]
            else:
                lines += [f"- **{name}** (`foveate/{room}/{name}.py`): {text}"]
        lines += [""]
    return "\n".join(lines).rstrip() + "\n"


def _parts(recipes: Iterable[str]) -> dict[str, type]:
    """The dataclasses of flags that recipes take, by their names."""
    from foveate.discover import recipe

    hints = [get_type_hints(recipe(name)) for name in recipes]
    kinds = [kind for each in hints for name, kind in each.items() if name != "return"]
    return {kind.__name__: kind for kind in kinds if isinstance(kind, type) and dataclasses.is_dataclass(kind)}


def _attributes(kind: type) -> str:
    """What a dataclass and those it is derived from say of their attributes."""
    texts = [inspect.cleandoc(base.__doc__ or "") for base in kind.__mro__ if dataclasses.is_dataclass(base)]
    return texts[0].partition("\n")[0] + "\n\n" + "\n".join(text.partition("Attributes:\n")[2] for text in texts)


def _signature(function: Callable[..., object]) -> str:
    return f"foveate train {function.__name__} --data PATH [flags]\n\n{inspect.getdoc(function)}"


def _first(thing: object) -> str:
    return (inspect.getdoc(thing) or "").split("\n")[0]
