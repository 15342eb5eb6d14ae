"""A constructor call as data, so that a checkpoint can rebuild its networks and its degradation.

``describe`` turns an object into JSON values, ``build`` turns them back. Only names inside this package
(and packages the caller trusts) are ever imported, so that reading a checkpoint runs no foreign code.
"""

import dataclasses
import importlib
import inspect
from collections.abc import Mapping
from functools import partial
from typing import Any, Self

from foveate.errors import CheckpointError

JSON = Any


class Recorded:
    """Mixin: an instance remembers the arguments it was made with, in ``arguments``."""

    arguments: Mapping[str, Any]

    def __new__(cls, *positional: Any, **named: Any) -> Self:
        self = super().__new__(cls)
        call = inspect.signature(cls.__init__).bind_partial(self, *positional, **named)
        object.__setattr__(self, "arguments", dict(list(call.arguments.items())[1:]))
        return self


def describe(thing: Any) -> JSON:
    """JSON values from which ``build`` makes an equal object.

    Understands ``Recorded`` objects, frozen dataclasses, classes and functions, ``functools.partial`` of
    these, numbers, strings, None, tuples and lists.
    """
    if isinstance(thing, Recorded):
        return {"call": _name(type(thing)), "arguments": _all(thing.arguments)}
    if isinstance(thing, partial):
        return {"partial": _name(thing.func), "arguments": _all(thing.keywords)}
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        fields = {field.name: getattr(thing, field.name) for field in dataclasses.fields(thing) if field.init}
        return {"call": _name(type(thing)), "arguments": _all(fields)}
    if callable(thing):
        return {"name": _name(thing)}
    if isinstance(thing, tuple | list):
        return [describe(item) for item in thing]
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    raise TypeError(f"{type(thing).__name__} cannot be written into a checkpoint as a constructor call")


def build(data: JSON, *, trust: tuple[str, ...] = ("foveate",)) -> Any:
    """Make the object that ``describe`` saw.

    Args:
        data: what ``describe`` returned, as read back from JSON (lists come back as tuples).
        trust: top-level packages whose names may be imported and called.

    Raises:
        CheckpointError: a name outside the trusted packages, or one that does not exist any more.
    """
    if isinstance(data, list):
        return tuple(build(item, trust=trust) for item in data)
    if not isinstance(data, dict):
        return data
    arguments = {name: build(value, trust=trust) for name, value in data.get("arguments", {}).items()}
    if "name" in data:
        return _find(data["name"], trust)
    if "partial" in data:
        return partial(_find(data["partial"], trust), **arguments)
    kind = _find(data["call"], trust)
    if not (isinstance(kind, type) and (issubclass(kind, Recorded) or dataclasses.is_dataclass(kind))):
        raise CheckpointError(f"{data['call']!r} is not a class that checkpoints are made of", remedy="Do not load it.")
    return kind(**arguments)


def _all(values: Mapping[str, Any]) -> dict[str, JSON]:
    return {name: describe(value) for name, value in values.items()}


def _name(thing: Any) -> str:
    return f"{thing.__module__}:{thing.__qualname__}"


def _find(name: str, trust: tuple[str, ...]) -> Any:
    module, _, attribute = name.partition(":")
    if module.split(".")[0] not in trust or not attribute.isidentifier():
        raise CheckpointError(
            f"the checkpoint wants to call {name!r}, which is not part of {', '.join(trust)}",
            remedy="If you trust the checkpoint, import its package and pass its name in 'trust'.",
        )
    try:
        thing = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise CheckpointError(
            f"the checkpoint needs {name!r}, which this version does not have",
            remedy="Install the foveate version that the checkpoint names.",
        ) from error
    if not callable(thing) or getattr(thing, "__module__", None) != module:
        raise CheckpointError(
            f"{name!r} is no class or function that is defined in that module", remedy="Do not load it."
        )
    return thing
