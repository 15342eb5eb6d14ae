"""Many runs -> one table of numbers: every number that page, figures and Markdown show is computed here, once.

Legend: S seeds.

Runs that differ only in their seed are one method, reported as mean with an interval. Runs that differ in anything
else that can change a result (an argument, the number of steps, the identities, the version) are never pooled.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate.errors import DataError
from foveate.evaluate.bootstrap import mean_interval
from foveate.report.answer import answer
from foveate.report.reading import Recorded, read_runs
from foveate.report.words import RECIPES, command, flags, recipe_name, set_name, view_name

_NOT_THE_METHOD: Final = ("data", "test", "teacher", "evaluate-every")  # where files lie; the card tells what they hold
_AGREEMENT: Final = "attention on "
_MEASURES: Final = ("centred", "pooled", "per_image")
_REMEDY: Final = "Restore the file, or leave this run out of the report"

Row = dict[str, Any]


def summarise(runs: Sequence[Path]) -> dict[str, Any]:
    """Summarise runs as JSON values.

    Args:
        runs: folders of runs, or folders that hold such folders.

    Returns:
        ``answer`` (``sentence`` and ``remarks``), ``sets`` (a table for each verification set), ``attention`` (the same
        for attention maps), ``runs`` (each with the command that repeats it) and ``not_shown`` (names of other
        evaluations).
        Wherever a number is a mean over S seeds it is an estimate: ``mean``, ``low`` and ``high`` of its 95 % interval,
        what the ``interval`` is over ("seeds", "pairs" or None), and ``values``, one a seed. Shares are from 0 to 1.

    Raises:
        DataError: there are no runs, a file is damaged, or a seed of a method occurs twice.
    """
    return summarise_recorded(read_runs(runs))


def summarise_recorded(runs: Sequence[Recorded]) -> dict[str, Any]:
    """``summarise`` of runs that were read before."""
    labels = method_labels(runs)
    finished = [run for run in runs if run.results is not None]
    _refuse_twins(finished)
    groups: dict[str, list[Recorded]] = {}
    for run in sorted(finished, key=_rank):
        groups.setdefault(_key(run), []).append(run)
    named = [(labels[members[0].folder], members) for members in groups.values()]
    sets = _sets(named)
    return {
        "answer": answer(sets),
        "sets": sets,
        "attention": _attention(named),
        "runs": [_run(run, labels[run.folder]) for run in sorted(runs, key=_rank)],
        "not_shown": sorted(
            {name for run in finished for name, value in _evaluations(run) if not _is_known(name, value)}
        ),
    }


def method_labels(runs: Sequence[Recorded]) -> dict[Path, str]:
    """A name for the method of each run: recipe and view, and what else tells it from its neighbours."""
    neighbours: dict[tuple[str, str], list[Recorded]] = {}
    for run in runs:
        neighbours.setdefault((recipe_name(str(run.card["recipe"])), _view(run)), []).append(run)
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
    facts["identities"] = str(_inside(card, "classes", "sha256"))[:8]
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
    return json.dumps([run.card["recipe"], _view(run), _facts(run)], sort_keys=True)


def _view(run: Recorded) -> str:
    size = _inside(run.card, "network", "arguments", "size")
    return view_name(str(run.card.get("degradation")), size if isinstance(size, int) else None)


def _rank(run: Recorded) -> tuple[Any, ...]:
    """Teacher first, then by degradation, then methods in the paper's order, then by seed."""
    recipe, view = str(run.card["recipe"]), _view(run)
    ratio = view.partition("x (")[0]
    number = float(ratio) if ratio.replace(".", "", 1).isdigit() else np.inf
    place = list(RECIPES).index(recipe) if recipe in RECIPES else len(RECIPES)
    return number, view, place, recipe, _key(run), str(run.card["seed"]).zfill(20)


def _refuse_twins(finished: Iterable[Recorded]) -> None:
    seen: dict[tuple[Any, ...], Path] = {}
    for run in finished:
        key = (_key(run), run.card["seed"], _inside(run.card, "teacher", "seed"))
        if key in seen:
            raise DataError(
                f"the same method with the same seed {run.card['seed']} as in {seen[key]}",
                file=run.folder,
                remedy="Give each seed once; a repeated run is not another seed",
            )
        seen[key] = run.folder


def _evaluations(run: Recorded) -> list[tuple[str, Any]]:
    return list((run.results or {})["evaluations"].items())


def _is_known(name: str, value: Any) -> bool:
    return isinstance(value, Mapping) and ("authors" in value or name.startswith(_AGREEMENT))


def _sets(groups: Sequence[tuple[str, list[Recorded]]]) -> list[dict[str, Any]]:
    """A table for each verification set; sets of one name but other pairs are other sets."""
    tables: dict[tuple[str, Any], dict[str, Any]] = {}
    for label, members in groups:
        found: dict[tuple[str, Any], list[tuple[Recorded, Mapping[str, Any]]]] = {}
        for run in members:
            for name, value in _evaluations(run):
                if _is_known(name, value) and "authors" in value:
                    found.setdefault((name, value.get("pairs")), []).append((run, value))
        for key, answers in found.items():
            table = tables.setdefault(key, _table(*key, answers[0][1]))
            table["rows"].append(_row(label, answers))
    return list(tables.values())


def _table(name: str, pairs: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"set": name, "title": set_name(name), "pairs": pairs, "images": value.get("images"), "rows": []}


def _row(label: str, answers: Sequence[tuple[Recorded, Mapping[str, Any]]]) -> Row:
    def gathered(*keys: str, over_pairs: bool = False) -> Row:
        values = [_number(run, value, *keys) for run, value in answers]
        parts = [[_number(run, value, keys[0], side) for run, value in answers] for side in ("low", "high")]
        return estimate(values, (parts[0][0], parts[1][0]) if over_pairs else None)

    rates = dict.fromkeys(
        rate for _, value in answers for rate in value.get("true_accept_rate_at_false_accept_rate") or {}
    )
    return {
        **_method(label, [run for run, _ in answers]),
        "authors": gathered("authors", "accuracy", over_pairs=True),
        "insightface": gathered("insightface", "accuracy", over_pairs=True),
        "auc": gathered("auc"),
        "equal_error_rate": gathered("equal_error_rate"),
        "true_accept_rate_at_false_accept_rate": {
            rate: gathered("true_accept_rate_at_false_accept_rate", rate) for rate in rates
        },
        "cost": _cost([run for run, _ in answers]),
    }


def _method(label: str, members: Sequence[Recorded]) -> Row:
    card = members[0].card
    return {
        "label": label,
        "method": recipe_name(str(card["recipe"])),
        "recipe": str(card["recipe"]),
        "view": _view(members[0]),
        "degradation": str(card.get("degradation")),
        "seeds": [run.card["seed"] for run in members],
    }


def estimate(values: Sequence[float | None], over_pairs: tuple[float | None, float | None] | None = None) -> Row:
    """Mean of the values there are, with Student's t interval; a single one keeps its interval over pairs, if any."""
    known = np.array([value for value in values if value is not None], dtype=np.float64)
    if len(known) == 0:
        return {"mean": None, "low": None, "high": None, "interval": None, "values": list(values)}
    found = mean_interval(known)
    low, high, over = found.low, found.high, "seeds"
    if len(known) == 1:
        low, high = over_pairs if over_pairs is not None and len(values) == 1 else (None, None)
        over = None if low is None or high is None else "pairs"
    return {"mean": found.mean, "low": low, "high": high, "interval": over, "values": list(values)}


def _cost(members: Sequence[Recorded]) -> Row:
    """Mean cost of a run."""
    return {
        name: estimate([_number(run, run.results, "cost", name) for run in members])["mean"]
        for name in ("seconds", "images_per_second")
    }


def _attention(groups: Sequence[tuple[str, list[Recorded]]]) -> list[dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for label, members in groups:
        found: dict[str, list[tuple[Recorded, Mapping[str, Any]]]] = {}
        for run in members:
            for name, value in _evaluations(run):
                if name.startswith(_AGREEMENT) and _is_known(name, value) and "authors" not in value:
                    found.setdefault(name.removeprefix(_AGREEMENT), []).append((run, value))
        for name, answers in found.items():
            kinds = {kind: _stages(kind, answers) for kind in dict.fromkeys(kind for _, v in answers for kind in v)}
            row = {**_method(label, [run for run, _ in answers]), "kinds": kinds}
            tables.setdefault(name, {"set": name, "title": set_name(name), "rows": []})["rows"].append(row)
    return list(tables.values())


def _stages(kind: str, answers: Sequence[tuple[Recorded, Mapping[str, Any]]]) -> dict[str, Any]:
    """Estimates of the last block of each stage, which stands for it as in the released code."""
    stages = dict.fromkeys(stage for _, value in answers for stage in value.get(kind) or {})
    return {
        stage: {
            measure: estimate([_number(run, value, kind, stage, "last", measure) for run, value in answers])
            for measure in _MEASURES
        }
        for stage in stages
    }


def _run(run: Recorded, label: str) -> Row:
    card = run.card
    return {
        "folder": str(run.folder),
        "label": label,
        **{
            key: card.get(key)
            for key in ("recipe", "seed", "version", "precision", "degradation", "steps", "arguments")
        },
        "classes": card.get("classes"),
        "teacher": card.get("teacher"),
        "environment": card.get("environment"),
        "finished": run.results is not None,
        "progress": 1.0 if run.results is not None else (run.log[-1]["progress"] if run.log else 0.0),
        "command": command(card),
    }


def _inside(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _number(run: Recorded, value: Any, *keys: str) -> float | None:
    found = _inside(value, *keys)
    if found is None:
        return None
    if isinstance(found, int | float) and not isinstance(found, bool):
        return float(found)
    raise DataError(
        f"{' / '.join(keys)} should be a number, not {str(found)[:40]!r}",
        file=run.folder / "results.json",
        remedy=_REMEDY,
    )
