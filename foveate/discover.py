"""Finding methods by file name, so that a new file needs no registration.

``names`` only lists files and imports nothing; ``find`` imports the one file asked for.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from foveate.errors import RecipeError

T = TypeVar("T")


def names(room: str) -> tuple[str, ...]:
    """Names of the modules in a sub-package of foveate (``recipes``, ``distill``, ``heads``, ...), sorted."""
    folder = Path(__file__).with_name(room)
    return tuple(sorted(module.name for module in pkgutil.iter_modules([str(folder)])))


def classes(room: str, base: type[T]) -> dict[str, type[T]]:
    """The final subclasses of ``base`` in a sub-package, by the name of their file.

    Raises:
        RecipeError: a subclass is neither abstract nor final, so it would be passed over silently.
    """
    found = {}
    for name in names(room):
        module = importlib.import_module(f"foveate.{room}.{name}")
        for thing in vars(module).values():
            if not (inspect.isclass(thing) and thing.__module__ == module.__name__ and issubclass(thing, base)):
                continue
            if getattr(thing, "__final__", False):
                found[name] = thing
            elif not inspect.isabstract(thing):
                raise RecipeError(
                    f"the class {thing.__name__} is not final",
                    file=module.__file__,
                    remedy="Decorate it with typing.final, so that it is found.",
                )
    return found


def method(room: str, name: str, base: type[T]) -> Callable[..., T]:
    """The method in the file ``name`` of a sub-package.

    Raises:
        RecipeError: there is none; the message lists those there are.
    """
    found = classes(room, base)
    if name not in found:
        raise RecipeError(f"there is no {name!r} in foveate.{room}", remedy=f"Choose from: {', '.join(sorted(found))}.")
    return found[name]


def recipe(name: str) -> Callable[..., Any]:
    """The recipe in ``recipes/<name>.py``: the function of the same name.

    Raises:
        RecipeError: there is none; the message lists those there are.
    """
    return _function("recipe", "recipes", name)


def study(name: str) -> Callable[..., Any]:
    """The study in ``studies/<name>.py``: the function of the same name.

    Raises:
        RecipeError: there is none; the message lists those there are.
    """
    return _function("study", "studies", name)


def _function(kind: str, room: str, name: str) -> Callable[..., Any]:
    if name not in names(room):
        raise RecipeError(f"there is no {kind} {name!r}", remedy=f"Choose from: {', '.join(names(room))}.")
    module = importlib.import_module(f"foveate.{room}.{name}")
    function = getattr(module, name, None)
    if not inspect.isfunction(function):
        raise RecipeError(
            f"there is no function {name} in the file",
            file=module.__file__,
            remedy=f"A {kind} is a function that is called like its file.",
        )
    return function
