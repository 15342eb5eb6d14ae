"""The runs of a study -> the numbers of its tables, with paired comparisons against Base.

Legend: S seeds, P pairs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate.errors import DataError
from foveate.evaluate.paired import Comparison, Verdicts, compare, holm, mcnemar
from foveate.report.methods import inside
from foveate.report.reading import Recorded, read_run
from foveate.report.summary import attention_of, estimate

MEASURES: Final = {
    "accuracy": ("authors", "accuracy"),
    "insightface": ("insightface", "accuracy"),
    "auc": ("all_pairs", "auc"),
    "equal_error_rate": ("all_pairs", "equal_error_rate"),
    "true_accept": ("all_pairs", "true_accept_rate_at_false_accept_rate", "0.01"),
}
"""Columns, and where in an evaluation they stand; what is of all pairs of images is not of the protocol's pairs."""
COST: Final = ("seconds", "images_per_second")
RANKS: Final = (1, 5, 10, 20, 50)
SURE: Final = 0.05
_TEACHER: Final = {"group": "1x", "name": "teacher", "label": "Teacher", "recipe": "teacher", "published": {}}

Row = dict[str, Any]
Entries = Sequence[tuple[Any, dict[int, Recorded]]]
"""Rows of a study with their finished runs by seed."""


def summarise_study(folder: Path, name: str) -> dict[str, Any]:
    """Numbers of a study, from ``setting.json``, ``NAME.json`` and the runs there are.

    Returns:
        ``title``, ``kind``, ``flags``; ``headroom`` of each group on held-out training identities; ``sets``, each with
        ``ceiling`` (the teacher on sharp faces) and ``rows``; ``identification``, the same by ranks; ``attention``,
        rows with their correlations; ``sweep``, curves over the size of the face; ``missing``, names of runs that
        are not finished. Shares are from 0 to 1.

    Raises:
        DataError: there is no study, or a file is damaged.
    """
    study = {**_read(folder / "setting.json"), **_read(folder / f"{name}.json")}
    runs = {entry["group"] + "/" + entry["name"]: _seeds(folder, entry) for entry in study["entries"]}
    teachers = _runs(folder, "1x/teacher", study["teacher_seeds"])
    entries = [(entry, runs[entry["group"] + "/" + entry["name"]]) for entry in study["entries"]]
    return {
        **{key: study[key] for key in ("title", "kind", "flags", "teacher_flags", "teacher_seeds")},
        "published_teacher": study["published_teacher"],
        "headroom": _headroom(folder, study),
        "sets": [_set(each, *_judged(each, entries, teachers)) for each in _names(entries, "authors")],
        "identification": [
            _identified(each, *_judged(each, entries, teachers)) for each in _names(entries, "found_at_rank")
        ],
        "attention": [
            {**_about(entry), "seeds": sorted(found), "stages": attention_of(list(found.values()))}
            for entry, found in entries
            if found and attention_of(list(found.values()))
        ],
        "sweep": _sweep([({**_TEACHER, "seeds": study["teacher_seeds"]}, teachers), *entries]),
        "missing": [
            f"{entry['group']}/{entry['name']}-{seed}"
            for entry, found in entries
            for seed in range(entry["seeds"])
            if seed not in found
        ],
    }


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise DataError(f"there is no study ({error})", file=file, remedy="Begin one with 'foveate study'.") from error


def _seeds(folder: Path, entry: Mapping[str, Any]) -> dict[int, Recorded]:
    return _runs(folder, f"{entry['group']}/{entry['name']}", entry["seeds"])


def _runs(folder: Path, name: str, seeds: int) -> dict[int, Recorded]:
    """Finished runs of a row, by seed."""
    places = {seed: folder / f"{name}-{seed}" for seed in range(seeds)}
    return {seed: read_run(place) for seed, place in places.items() if (place / "results.json").is_file()}


def _about(entry: Mapping[str, Any]) -> Row:
    return {key: entry[key] for key in ("group", "name", "label", "recipe", "published")}


def _names(entries: Entries, key: str) -> list[str]:
    """Test sets whose results hold a key, in the order in which runs name them."""
    every = (run.results or {} for _, found in entries for run in found.values())
    return list(
        dict.fromkeys(name for results in every for name, value in results["evaluations"].items() if key in value)
    )


def _judged(name: str, entries: Entries, teachers: dict[int, Recorded]) -> tuple[Entries, dict[int, Recorded]]:
    """The rows and teachers of which runs were judged on a set, with these runs alone."""

    def on(found: dict[int, Recorded]) -> dict[int, Recorded]:
        return {seed: run for seed, run in found.items() if _answer(run, name)}

    return [(entry, on(found)) for entry, found in entries if on(found)], on(teachers)


def _set(name: str, entries: Entries, teachers: dict[int, Recorded]) -> Row:
    """One verification set: the teacher on sharp faces, and every row of every group."""
    rows = [_row(entry, found, name) for entry, found in entries]
    _compare(rows, entries, teachers, lambda runs: _verdicts(runs, name))
    some = next(run for _, found in entries for run in found.values())
    return {
        "set": name,
        "pairs": inside(_answer(some, name), "pairs"),
        "images": inside(_answer(some, name), "images"),
        "ceiling": _measures(list(teachers.values()), name),
        "rows": rows,
    }


def _identified(name: str, entries: Entries, teachers: dict[int, Recorded]) -> Row:
    """One identification set: the teacher, which never saw small faces, and every row of every group."""
    rows = [{**_about(entry), "seeds": sorted(found), **_ranks(list(found.values()), name)} for entry, found in entries]
    _compare(rows, entries, None, lambda runs: _found_first(runs, name))
    some = next(run for _, found in entries for run in found.values())
    known = {key: inside(_answer(some, name), key) for key in ("probes", "gallery")}
    return {"set": name, **known, "teacher": _ranks(list(teachers.values()), name), "rows": rows}


def _ranks(runs: Sequence[Recorded], name: str) -> Row:
    return {
        **{
            f"rank {rank}": estimate([inside(_answer(run, name), "found_at_rank", str(rank), "mean") for run in runs])
            for rank in RANKS
        },
        "mAP": estimate([inside(_answer(run, name), "mean_average_precision", "mean") for run in runs]),
    }


def _found_first(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Whether each probe was found at rank 1."""
    kept = [_kept(run.folder / "scores.npz", name, ("rank", "person")) for run in runs]
    person = kept[0]["person"]
    return Verdicts(np.stack([item["rank"] == 1 for item in kept]), person, person)


def _answer(run: Recorded, name: str) -> Any:
    return inside(run.results, "evaluations", name)


def _row(entry: Mapping[str, Any], found: dict[int, Recorded], name: str) -> Row:
    runs = list(found.values())
    cost = {key: [inside(run.results, "cost", key) for run in runs] for key in COST}
    return {
        **_about(entry),
        "seeds": sorted(found),
        **_measures(runs, name),
        "cost": {key: estimate(values)["mean"] for key, values in cost.items()},
        "steps": inside(runs[0].results, "cost", "steps"),
    }


def _measures(runs: Sequence[Recorded], name: str) -> Row:
    return {key: estimate([inside(_answer(run, name), *path) for run in runs]) for key, path in MEASURES.items()}


def _compare(
    rows: list[Row],
    entries: Entries,
    teachers: dict[int, Recorded] | None,
    verdicts: Callable[[Sequence[Recorded]], Verdicts],
) -> None:
    """Add to each row how it compares with the base of its group on the same pairs (or probes) and seeds."""
    found = {(entry["group"], entry["name"]): runs for entry, runs in entries}
    compared: list[Row] = []
    for row in rows:
        runs, base = found[row["group"], row["name"]], found.get((row["group"], "base"), {})
        common = sorted(runs.keys() & base.keys())
        if row["name"] == "base" or not common:
            row["paired"] = None
            continue
        ours, theirs = (verdicts([of[seed] for seed in common]) for of in (runs, base))
        top = verdicts(list(teachers.values())) if teachers else None
        row["paired"] = {
            **_words(compare(ours, theirs, top)),
            "seeds": common,
            "error_reduction": float((ours.correct.mean() - theirs.correct.mean()) / (1 - theirs.correct.mean())),
            "mcnemar": [mcnemar(a, b) for a, b in zip(ours.correct, theirs.correct, strict=True)],
        }
        compared.append(row["paired"])
    for paired, p in zip(compared, holm([paired["p"] for paired in compared]), strict=True):
        paired["p_holm"] = p
    every = holm([p for paired in compared for p in paired["mcnemar"]])
    for paired in compared:
        own, every = every[: len(paired["seeds"])], every[len(paired["seeds"]) :]
        gained = paired["difference"]["mean"] > 0
        paired["mcnemar_holm"], paired["mcnemar_sure"] = own, sum(p < SURE for p in own) if gained else 0


def _words(found: Comparison) -> Row:
    return {
        "difference": asdict(found.difference),
        "p": found.p,
        "share": None if found.share is None else asdict(found.share),
    }


def _verdicts(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Of several seeds on one set, from their ``scores.npz``."""
    kept = [_kept(run.folder / "scores.npz", name, ("correct", "left", "right")) for run in runs]
    return Verdicts(np.stack([item["correct"] for item in kept]), kept[0]["left"], kept[0]["right"])


def _kept(file: Path, name: str, keys: Sequence[str]) -> dict[str, np.ndarray]:
    try:
        with np.load(file) as arrays:
            return {key: arrays[f"{name}/{key}"] for key in keys}
    except (OSError, KeyError, ValueError) as error:
        raise DataError(
            f"the scores of {name} cannot be read ({error})", file=file, remedy="Restore the file, or run it again."
        ) from error


def _sweep(entries: Entries) -> list[Row]:
    """For each set, mode and row that was swept: accuracy and true accept rate at each size, over seeds."""
    rows: list[Row] = []
    for entry, found in entries:
        files = [run.folder / "sweep.json" for run in found.values()]
        swept = [one for file in files if file.is_file() for one in next(iter(_read(file).values()))]
        for name in dict.fromkeys(one["set"] for one in swept):
            of_set = [one for one in swept if one["set"] == name]
            for mode in ("LR-LR", "HR-LR"):
                points = [
                    {
                        "side": at[0]["side"],
                        **estimate([point["accuracy"] for point in at]),
                        "true_accept_rate": estimate([point["true_accept_rate"] for point in at])["mean"],
                    }
                    for at in zip(*(one[mode] for one in of_set), strict=True)
                ]
                usable = [one["smallest_usable"][mode] for one in of_set]
                known = {key: of_set[0][key] for key in ("far", "target")}
                rows.append({**_about(entry), "set": name, "mode": mode, "points": points, "usable": usable, **known})
    return rows


def _headroom(folder: Path, study: Mapping[str, Any]) -> list[Row]:
    """Teacher at 1x minus base of each group, on people held out of training, before any test set was looked at."""
    place = folder / "headroom"
    teacher = _runs(folder, "headroom/teacher", 1)
    found = []
    for group in dict.fromkeys(entry["group"] for entry in study["entries"]):
        base = _runs(folder, f"headroom/{group}-base", 1)
        if not teacher or not base:
            continue
        top, bottom = (_held_out(runs[0], place) for runs in (teacher, base))
        found.append({"group": group, "teacher": top, "base": bottom, "headroom": top - bottom})
    return found


def _held_out(run: Recorded, place: Path) -> float:
    for value in (run.results or {})["evaluations"].values():
        if "authors" in value:
            return float(value["authors"]["accuracy"])
    raise DataError("the run was judged on no pairs", file=place, remedy="Run it again.")
