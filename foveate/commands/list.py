"""foveate list: what there is."""

import inspect
from collections.abc import Sequence
from typing import Annotated, Final

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
        from foveate.commands.method_page import page

        answer(found, as_json=False, text=page(found, ROOMS))
        return
    lines = []
    width = max(len(name) for entries in found.values() for name in entries) + 2
    for room, entries in found.items():
        lines += [f"{room} ({ROOMS[room]})", *(f"  {name:<{width}}{text}" for name, text in entries.items()), ""]
    answer(found, as_json=as_json, text="\n".join(lines))


def methods() -> dict[str, dict[str, str]]:
    """For each kind the methods by file name, with the first sentence of their documentation."""
    from foveate.commands.method_page import first, made_of
    from foveate.discover import names, recipe, study

    found = {"recipes": {name: first(recipe(name)) for name in names("recipes")}}
    found["studies"] = {name: first(study(name)) for name in names("studies")}
    for room, kinds in made_of().items():
        found[room] = {name: first(inspect.getmodule(kind)) for name, kind in kinds.items()}
    return found
