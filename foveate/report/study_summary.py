"""The runs of a study -> the numbers of its tables, with paired comparisons against Base.

Legend: S seeds, P pairs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from foveate.errors import DataError
from foveate.report.methods import inside
from foveate.report.reading import Recorded
from foveate.report.rows import estimate
from foveate.report.study_detection import PRECISION, detected
from foveate.report.study_paired import (
    add_areas,
    add_comparisons,
    against,
    found_first,
    pair_verdicts,
    photo_verdicts,
)
from foveate.report.study_runs import (
    Entries,
    Row,
    about,
    answer_on,
    finished_runs,
    judged_on,
    read_study_file,
    read_work,
    row_of,
    sets_with,
)
from foveate.report.summary import attention_of

MEASURES: Final = {
    "accuracy": ("authors", "accuracy"),
    "insightface": ("insightface", "accuracy"),
    "auc": ("all_pairs", "auc"),
    "equal_error_rate": ("all_pairs", "equal_error_rate"),
    "true_accept": ("all_pairs", "true_accept_rate_at_false_accept_rate", "0.01"),
}
"""Columns, and where in an evaluation they stand; what is of all pairs of images is not of the protocol's pairs."""
SHARES: Final = ("top1", "top5")
RANKS: Final = (1, 5, 10, 20, 50)
_TEACHER: Final = {"group": "1x", "name": "teacher", "label": "Teacher", "recipe": "teacher", "published": {}}
_OLDER: Final = {"teacher": "teacher", "lead": "askd", "held_out_beside": False}
"""What studies that were begun before there were others do not say."""


def summarise_study(folder: Path, name: str) -> dict[str, Any]:
    """Numbers of a study, from ``setting.json``, ``NAME.json`` and the runs there are.

    Returns:
        ``title``, ``kind``, ``flags``; ``headroom`` of each group on held-out training identities; ``sets``, each with
        ``ceiling`` (the teacher on sharp faces), ``rows``, and ``against`` (one row against them); ``classification``,
        the same for photos at each resolution; ``detection``, the same by level; ``identification``, the same by ranks;
        ``attention``, rows with their correlations; ``sweep``, curves over the size of the face; ``missing``, names of
        runs that are not finished; ``float32``, names of those that were trained in it where others had bf16.
        Shares are from 0 to 1.

    Raises:
        DataError: there is no study, or a file is damaged.
    """
    study = {**_OLDER, **read_study_file(folder / "setting.json"), **read_study_file(folder / f"{name}.json")}
    teachers = finished_runs(folder, "1x/teacher", study["teacher_seeds"])
    entries = [
        (entry, finished_runs(folder, f"{entry['group']}/{entry['name']}", entry["seeds"]))
        for entry in study["entries"]
    ]
    work, lead = read_work(folder), study["lead"]
    return {
        **{key: study[key] for key in ("title", "kind", "flags", "teacher_flags", "teacher_seeds", "teacher", "lead")},
        "published_teacher": study["published_teacher"],
        "headroom": _headroom(folder, study),
        "sets": [_set(each, work, lead, *judged_on(each, entries, teachers)) for each in sets_with(entries, "authors")],
        "classification": [
            _classified(each, work, lead, *judged_on(each, entries, teachers)) for each in sets_with(entries, "top1")
        ],
        "detection": [
            detected(each, work, *judged_on(each, entries, teachers)) for each in sets_with(entries, PRECISION)
        ],
        "identification": [
            _identified(each, lead, *judged_on(each, entries, teachers)) for each in sets_with(entries, "found_at_rank")
        ],
        "attention": [
            {**about(entry), "seeds": sorted(found), "stages": attention_of(list(found.values()))}
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
        "float32": _odd([(_TEACHER, teachers), *entries]),
    }


def _odd(entries: Entries) -> list[str]:
    """Runs in float32, if not all are: they come from machines that are not faster in bfloat16."""
    runs = {
        f"{entry['group']}/{entry['name']}-{seed}": run.card.get("precision")
        for entry, found in entries
        for seed, run in found.items()
    }
    slow = [name for name, precision in runs.items() if precision == "float32"]
    return slow if len(slow) < len(runs) else []


def _set(name: str, work: Mapping[str, float], lead: str, entries: Entries, teachers: dict[int, Recorded]) -> Row:
    """One verification set: the teacher on sharp faces, and every row of every group."""
    rows = [{**row_of(entry, found, work), **_measures(list(found.values()), name)} for entry, found in entries]
    top = teachers if _saw_sharp(teachers, name) else {}
    add_comparisons(rows, entries, top, lambda runs: pair_verdicts(runs, name))
    add_areas(rows, entries, top, name)
    some = next(run for _, found in entries for run in found.values())
    return {
        "set": name,
        "pairs": inside(answer_on(some, name), "pairs"),
        "images": inside(answer_on(some, name), "images"),
        "ceiling": _measures(list(teachers.values()), name),
        "rows": rows,
        "against": against(entries, name, lead, pair_verdicts),
    }


def _classified(
    name: str, work: Mapping[str, float], lead: str, entries: Entries, teachers: dict[int, Recorded]
) -> Row:
    """Photos at one resolution: every row of every group, and the teacher (on sharp photos, where it is its own)."""
    rows = [{**row_of(entry, found, work), **_shares(list(found.values()), name)} for entry, found in entries]
    top = teachers if _saw_sharp(teachers, name) else {}
    add_comparisons(rows, entries, top, lambda runs: photo_verdicts(runs, name))
    some = next(run for _, found in entries for run in found.values())
    return {
        "set": name,
        "images": inside(answer_on(some, name), "images"),
        "ceiling": _shares(list(teachers.values()), name),
        "rows": rows,
        "against": against(entries, name, lead, photo_verdicts),
    }


def _saw_sharp(teachers: Mapping[int, Recorded], name: str) -> bool:
    """Whether the teachers are a ceiling: small faces of a set's own are no sharper for them than for students."""
    return all(inside(answer_on(run, name), "degradation") == "sharp" for run in teachers.values())


def _shares(runs: Sequence[Recorded], name: str) -> Row:
    return {key: estimate([inside(answer_on(run, name), key) for run in runs]) for key in SHARES}


def _identified(name: str, lead: str, entries: Entries, teachers: dict[int, Recorded]) -> Row:
    """One identification set: the teacher, which never saw small faces, and every row of every group."""
    rows = [{**about(entry), "seeds": sorted(found), **_ranks(list(found.values()), name)} for entry, found in entries]
    add_comparisons(rows, entries, None, lambda runs: found_first(runs, name))
    some = next(run for _, found in entries for run in found.values())
    known = {key: inside(answer_on(some, name), key) for key in ("probes", "gallery")}
    return {
        "set": name,
        **known,
        "teacher": _ranks(list(teachers.values()), name),
        "rows": rows,
        "against": against(entries, name, lead, found_first),
    }


def _ranks(runs: Sequence[Recorded], name: str) -> Row:
    return {
        **{
            f"rank {rank}": estimate([inside(answer_on(run, name), "found_at_rank", str(rank), "mean") for run in runs])
            for rank in RANKS
        },
        "mAP": estimate([inside(answer_on(run, name), "mean_average_precision", "mean") for run in runs]),
    }


def _measures(runs: Sequence[Recorded], name: str) -> Row:
    return {key: estimate([inside(answer_on(run, name), *path) for run in runs]) for key, path in MEASURES.items()}


def _sweep(entries: Entries) -> list[Row]:
    """For each set, mode and row that was swept: accuracy and true accept rate at each size, over seeds."""
    rows: list[Row] = []
    for entry, found in entries:
        files = [run.folder / "sweep.json" for run in found.values()]
        swept = [one for file in files if file.is_file() for one in next(iter(read_study_file(file).values()))]
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
                rows.append({**about(entry), "set": name, "mode": mode, "points": points, "usable": usable, **known})
    return rows


def _headroom(folder: Path, study: Mapping[str, Any]) -> list[Row]:
    """Teacher at 1x minus base of each group, on people held out of training, before any test set was looked at."""
    place = folder / "headroom"
    beside = study["held_out_beside"]
    teacher = finished_runs(folder, "1x/teacher" if beside else "headroom/teacher", 1)
    found = []
    for group in dict.fromkeys(entry["group"] for entry in study["entries"]):
        base = finished_runs(folder, f"{group}/base" if beside else f"headroom/{group}-base", 1)
        if not teacher or not base:
            continue
        top, bottom = (_held_out(runs[0], place) for runs in (teacher, base))
        found.append({"group": group, "teacher": top, "base": bottom, "headroom": top - bottom})
    return found


def _held_out(run: Recorded, place: Path) -> float:
    for value in (run.results or {})["evaluations"].values():
        if "authors" in value:
            return float(value["authors"]["accuracy"])
        if "top1" in value:
            return float(value["top1"])
        if PRECISION in value:
            return float(next(iter(value[PRECISION].values())))
    raise DataError("the run was judged on nothing that was held out", file=place, remedy="Run it again.")
