"""Which runs are one method? Those that differ only in their seed; no others are ever pooled."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate.errors import DataError
from foveate.report.reading import Recorded
from foveate.report.words import RECIPES, flags, recipe_name, view_name

_NOT_THE_METHOD: Final = ("data", "test", "teacher", "evaluate-every")  # where files lie; the card tells what they hold


def methods(runs: Iterable[Recorded]) -> list[list[Recorded]]:
    """Runs that differ in nothing but the seed stand together; the order is that of a table's rows.

    Raises:
        DataError: a seed of a method occurs twice, with other results.
    """
    runs = _without_twins(sorted(runs, key=rank))
    groups: dict[str, list[Recorded]] = {}
    for run in runs:
        groups.setdefault(_key(run), []).append(run)
    return list(groups.values())


def method_labels(runs: Sequence[Recorded]) -> dict[Path, str]:
    """A name for the method of each run: recipe and view, and what else tells it from its neighbours."""
    neighbours: dict[tuple[str, str], list[Recorded]] = {}
    for run in runs:
        neighbours.setdefault((recipe_name(str(run.card["recipe"])), trained_view(run)), []).append(run)
    labels = {}
    for (name, view), members in neighbours.items():
        facts = [_facts(run) for run in members]
        names = dict.fromkeys(key for fact in facts for key in fact)
        differ = [key for key in names if len({json.dumps(fact.get(key)) for fact in facts}) > 1]
        title = name if "1x" in name and view.startswith("1x") else f"{name}, {view}"
        for run, fact in zip(members, facts, strict=True):
            more = ", ".join(f"{key} {_short(fact.get(key))}" for key in differ)
            labels[run.folder] = f"{title}, {more}" if more else title
    return labels


def _short(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _facts(run: Recorded) -> dict[str, Any]:
    """All that can change a result, but for the seed."""
    card = run.card
    facts = {name: value for name, value in flags(card["arguments"]) if name not in _NOT_THE_METHOD}
    facts |= {key: card.get(key) for key in ("steps", "precision", "version")}
    facts |= {key: True for key in ("teacher_cache", "compile") if card.get(key)}  # they change the last digits
    facts["identities"] = str(inside(card, "classes", "sha256"))[:8]
    teacher = card.get("teacher")
    if isinstance(teacher, Mapping):
        taught = teacher.get("arguments")
        facts |= {
            f"teacher's {name}": value
            for name, value in flags(taught if isinstance(taught, Mapping) else {})
            if name not in _NOT_THE_METHOD
        }
    return facts


def _key(run: Recorded) -> str:
    return json.dumps([run.card["recipe"], trained_view(run), _facts(run)], sort_keys=True)


def trained_view(run: Recorded) -> str:
    """What the network of a run was trained to see."""
    return seen_as(run, str(run.card.get("degradation")))


def seen_as(run: Recorded, degradation: str) -> str:
    """A degradation in the words of tables, for faces of the run's size."""
    size = inside(run.card, "network", "arguments", "size")
    return view_name(degradation, size if isinstance(size, int) else None)


def rank(run: Recorded) -> tuple[Any, ...]:
    """Teacher first, then by degradation, then methods in the paper's order, then by seed."""
    recipe, view = str(run.card["recipe"]), trained_view(run)
    ratio = view.partition("x")[0]
    number = float(ratio) if ratio.replace(".", "", 1).isdigit() else np.inf
    place = list(RECIPES).index(recipe) if recipe in RECIPES else len(RECIPES)
    return number, view, place, recipe, _key(run), str(run.card["seed"]).zfill(20)


def _without_twins(runs: Iterable[Recorded]) -> list[Recorded]:
    """Each seed of a method once; a run that was repeated with the same results counts once."""
    seen: dict[tuple[Any, ...], Recorded] = {}
    for run in runs:
        key = (_key(run), run.card["seed"], inside(run.card, "teacher", "seed"))
        first = seen.setdefault(key, run)
        if first is not run and _found(first) != _found(run):
            raise DataError(
                f"the same method with the same seed {run.card['seed']} as in {first.folder}, with other results",
                file=run.folder,
                remedy="Name the runs to report one by one, each seed once; a repeated run is not another seed",
            )
    return list(seen.values())


def _found(run: Recorded) -> Any:
    return (run.results or {}).get("evaluations")


def inside(value: Any, *keys: str) -> Any:
    """A value inside nested tables; None where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
