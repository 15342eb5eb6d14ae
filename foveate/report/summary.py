"""Many runs -> one table of numbers: every number that page, figures and Markdown show is computed here, once.

Legend: S seeds.

Runs that differ only in their seed are one method, reported as mean with an interval. Runs that differ in anything
else that can change a result (an argument, the number of steps, the identities, the version) are never pooled.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from foveate.report.answer import Of, answer
from foveate.report.detection_summary import detection_tables
from foveate.report.methods import method_labels, methods, rank, seen_as
from foveate.report.photo_summary import TOP1, photo_tables
from foveate.report.reading import Recorded, read_runs
from foveate.report.rows import Answers, Row, cost_of, estimate, evaluations_of, method_row, number_in
from foveate.report.study_detection import PRECISION
from foveate.report.words import command, set_name

_AGREEMENT: Final = "attention on "
_RANKS: Final = "found_at_rank"
_AREA: Final = "mean_average_precision"
_MEASURES: Final = ("centred", "pooled", "per_image")
_PARTS: Final = ("mean", "low", "high")


def summarise(runs: Sequence[Path]) -> dict[str, Any]:
    """Summarise runs as JSON values.

    Args:
        runs: folders of runs, or folders that hold such folders.

    Returns:
        ``answer`` (``sentence`` and ``remarks``), ``sets`` (a table for each verification set), ``classification``,
        ``detection``, ``identification`` and ``attention`` (the same for photos of objects, for photos with faces, for
        identification sets and for attention maps),
        ``runs`` (each with the command that repeats it) and ``not_shown`` (names of other evaluations).
        Wherever a number is a mean over S seeds it is an estimate: ``mean``, ``low`` and ``high`` of its 95 % interval,
        what the ``interval`` is over ("seeds", "pairs", "people" or None), and ``values``, one a seed. Shares are from
        0 to 1.

    Raises:
        DataError: there are no runs, a file is damaged, or a seed of a method occurs twice.
    """
    return summarise_recorded(read_runs(runs))


def summarise_recorded(runs: Sequence[Recorded]) -> dict[str, Any]:
    """``summarise`` of runs that were read before."""
    labels = method_labels(runs)
    finished = [run for run in runs if run.results is not None]
    named = [(labels[members[0].folder], members) for members in methods(finished)]
    sets, photos, faces = _sets(named), photo_tables(named), detection_tables(named)
    return {
        "answer": answer(sets or photos or faces, of=counted(sets, photos, faces)),
        "sets": sets,
        "classification": photos,
        "detection": faces,
        "identification": _identification(named),
        "attention": _attention(named),
        "runs": [_run(run, labels[run.folder]) for run in sorted(runs, key=rank)],
        "not_shown": sorted(
            {name for run in finished for name, value in evaluations_of(run) if not _is_known(name, value)}
        ),
    }


def counted(sets: Sequence[Any], photos: Sequence[Any], faces: Sequence[Any]) -> Of:
    """What the first table there is counts."""
    if sets or not (photos or faces):
        return "pairs"
    return "photos" if photos else "faces"


def _is_known(name: str, value: Any) -> bool:
    known = ("authors", _RANKS, TOP1, PRECISION)
    return isinstance(value, Mapping) and (any(key in value for key in known) or name.startswith(_AGREEMENT))


def _sets(groups: Sequence[tuple[str, list[Recorded]]]) -> list[dict[str, Any]]:
    """A table for each verification set; sets of one name but other pairs are other sets.

    A network that was judged at several degradations has a row for each.
    """
    tables: dict[tuple[str, Any, Any], dict[str, Any]] = {}
    for label, members in groups:
        found: dict[tuple[str, Any, Any, Any], list[tuple[Recorded, Mapping[str, Any]]]] = {}
        for run in members:
            for name, value in evaluations_of(run):
                if _is_known(name, value) and "authors" in value:
                    judged = value.get("degradation", run.card.get("degradation"))
                    key = (value.get("set", name), value.get("pairs"), value.get("images"), judged)
                    found.setdefault(key, []).append((run, value))
        for (name, pairs, images, _), answers in found.items():
            table = tables.setdefault((name, pairs, images), _table(name, pairs, answers[0][1]))
            table["rows"].append(_row(label, answers))
    return list(tables.values())


def _table(name: str, pairs: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"set": name, "title": set_name(name), "pairs": pairs, "images": value.get("images"), "rows": []}


def _row(label: str, answers: Answers) -> Row:
    def gathered(*keys: str, over_pairs: bool = False) -> Row:
        values = [number_in(run, value, *keys) for run, value in answers]
        parts = [[number_in(run, value, keys[0], side) for run, value in answers] for side in ("low", "high")]
        return estimate(values, (parts[0][0], parts[1][0]) if over_pairs else None)

    rates = dict.fromkeys(
        rate for _, value in answers for rate in value.get("true_accept_rate_at_false_accept_rate") or {}
    )
    run, value = answers[0]
    trained, judged = str(run.card.get("degradation")), str(value.get("degradation", run.card.get("degradation")))
    view = seen_as(run, judged)
    return {
        **method_row(
            label if judged in (trained, "native") else f"{label}, judged at {view}", [run for run, _ in answers]
        ),
        "view": view,
        "degradation": judged,
        "authors": gathered("authors", "accuracy", over_pairs=True),
        "insightface": gathered("insightface", "accuracy", over_pairs=True),
        "auc": gathered("auc"),
        "equal_error_rate": gathered("equal_error_rate"),
        "true_accept_rate_at_false_accept_rate": {
            rate: gathered("true_accept_rate_at_false_accept_rate", rate) for rate in rates
        },
        "cost": cost_of([run for run, _ in answers]),
    }


def _identification(groups: Sequence[tuple[str, list[Recorded]]]) -> list[dict[str, Any]]:
    """A table for each identification set; sets of one name but other faces are other sets."""
    tables: dict[tuple[Any, ...], dict[str, Any]] = {}
    for label, members in groups:
        found: dict[tuple[Any, ...], list[tuple[Recorded, Mapping[str, Any]]]] = {}
        for run in members:
            for name, value in evaluations_of(run):
                if _is_known(name, value) and _RANKS in value:
                    key = (
                        value.get("set", name),
                        *(value.get(count) for count in ("probes", "gallery", "distractors")),
                    )
                    found.setdefault(key, []).append((run, value))
        for key, answers in found.items():
            counts = dict(zip(("set", "probes", "gallery", "distractors"), key, strict=True))
            table = tables.setdefault(key, {**counts, "title": set_name(str(key[0])), "rows": []})
            table["rows"].append(_identified(label, answers))
    return list(tables.values())


def _identified(label: str, answers: Answers) -> Row:
    def gathered(*keys: str) -> Row:
        mean, low, high = ([number_in(run, value, *keys, part) for run, value in answers] for part in _PARTS)
        found = estimate(mean, (low[0], high[0]))
        return {**found, "interval": "people" if found["interval"] == "pairs" else found["interval"]}

    ranks = dict.fromkeys(rank for _, value in answers for rank in value.get(_RANKS) or {})
    return {
        **method_row(label, [run for run, _ in answers]),
        _RANKS: {rank: gathered(_RANKS, rank) for rank in ranks},
        _AREA: gathered(_AREA),
    }


def _attention(groups: Sequence[tuple[str, list[Recorded]]]) -> list[dict[str, Any]]:
    tables: dict[str, dict[str, Any]] = {}
    for label, members in groups:
        found: dict[str, list[tuple[Recorded, Mapping[str, Any]]]] = {}
        for run in members:
            for name, value in evaluations_of(run):
                if name.startswith(_AGREEMENT) and _is_known(name, value) and "authors" not in value:
                    found.setdefault(name.removeprefix(_AGREEMENT), []).append((run, value))
        for name, answers in found.items():
            kinds = {kind: _stages(kind, answers) for kind in dict.fromkeys(kind for _, v in answers for kind in v)}
            row = {**method_row(label, [run for run, _ in answers]), "kinds": kinds}
            tables.setdefault(name, {"set": name, "title": set_name(name), "rows": []})["rows"].append(row)
    return list(tables.values())


def _stages(kind: str, answers: Answers) -> dict[str, Any]:
    """Estimates of the last block of each stage, which stands for it as in the released code."""
    stages = dict.fromkeys(stage for _, value in answers for stage in value.get(kind) or {})
    return {
        stage: {
            measure: estimate([number_in(run, value, kind, stage, "last", measure) for run, value in answers])
            for measure in _MEASURES
        }
        for stage in stages
    }


def attention_of(runs: Sequence[Recorded]) -> dict[str, Any]:
    """Kind of attention -> stage -> measure -> estimate, of runs of one method; empty where none was compared.

    Of runs that were compared at several degradations the first counts, so that each run has one vote.
    """
    compared = {
        run.folder: (run, value)
        for run in runs
        for name, value in reversed(list(evaluations_of(run)))
        if name.startswith(_AGREEMENT) and _is_known(name, value)
    }
    answers = list(compared.values())
    return {kind: _stages(kind, answers) for kind in dict.fromkeys(kind for _, value in answers for kind in value)}


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
