"""Paired comparisons of a study's rows on the same pairs or probes and seeds: with Base, and A-SKD with the rest."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, Literal

import numpy as np

from foveate.errors import DataError
from foveate.evaluate.all_pairs import Placements
from foveate.evaluate.detection import Found
from foveate.evaluate.over_runs import Comparison
from foveate.evaluate.paired import Verdicts, compare, compare_areas, holm, mcnemar
from foveate.evaluate.paired_detection import compare_precisions
from foveate.report.reading import Recorded
from foveate.report.study_runs import Entries, Row, has_scores, kept_scores

SURE: Final = 0.05

Kept = Callable[[Sequence[Recorded]], Any]
Compared = Callable[..., Comparison]
Runs = dict[int, Recorded]


def add_comparisons(rows: list[Row], entries: Entries, teachers: Mapping[int, Recorded] | None, verdicts: Kept) -> None:
    """Add to each row, as ``paired``, how it compares with the base of its group; None where there is nothing."""
    for row in rows:
        row["paired"] = None
    compared = []
    for row, ours, theirs in _with_base(rows, entries):
        method, base = verdicts(list(ours.values())), verdicts(list(theirs.values()))
        top = verdicts(list(teachers.values())) if teachers else None
        row["paired"] = {
            **_words(compare(method, base, top), ours),
            "error_reduction": _errors_less(method, base),
            "mcnemar": [mcnemar(a, b) for a, b in zip(method.correct, base.correct, strict=True)],
            "better": (method.correct.mean(1) > base.correct.mean(1)).tolist(),
        }
        compared.append(row["paired"])
    _correct(compared)
    every = holm([p for paired in compared for p in paired["mcnemar"]])
    for paired in compared:
        own, every = every[: len(paired["seeds"])], every[len(paired["seeds"]) :]
        paired["mcnemar_holm"] = own
        paired["mcnemar_sure"] = sum(p < SURE and better for p, better in zip(own, paired["better"], strict=True))


def add_areas(rows: list[Row], entries: Entries, teachers: Mapping[int, Recorded], name: str) -> None:
    """Add to each row, as ``area``, how its area under the curve of all pairs compares with the base of its group."""
    for row in rows:
        row["area"] = None
    compared = []
    for row, ours, theirs in _with_base(rows, entries):
        runs = [list(each.values()) for each in (ours, theirs, teachers)]
        if all(has_scores(run.folder, f"{name}/all_same") for each in runs for run in each):
            row["area"] = _words(compare_areas(*(person_placements(each, name) for each in runs)), ours)
            compared.append(row["area"])
    _correct(compared)


def add_precisions(rows: list[Row], entries: Entries, teachers: Mapping[int, Recorded] | None, name: str) -> None:
    """Add to each row, as ``paired``, how its average precision at each level compares with the base of its group."""
    compared = []
    for row in rows:
        row["paired"] = None
    for row, ours, theirs in _with_base(rows, entries):
        method, base = (photos_found(list(each.values()), name) for each in (ours, theirs))
        top = photos_found(list(teachers.values()), name) if teachers else []
        row["paired"] = {
            level: _words(compare_precisions(method, base, top, level=place), ours)
            for place, level in enumerate(row["precision"])
            if base[0].faces[place].any()
        }
        row["paired_seeds"] = list(ours)
        compared += row["paired"].values()
    _correct(compared)


def photos_found(runs: Sequence[Recorded], name: str) -> list[Found]:
    """Of several seeds on one set, from their ``scores.npz``."""
    kinds = {"scores": np.float64, "fates": np.int8, "photo": np.int64, "faces": np.int64}
    kept = [kept_scores(run.folder / "scores.npz", name, list(kinds)) for run in runs]
    return [Found(**{key: item[key].astype(kind) for key, kind in kinds.items()}) for item in kept]


def against(
    entries: Entries, name: str, lead: str, verdicts: Callable[[Sequence[Recorded], str], Verdicts]
) -> list[Row]:
    """How the row ``lead`` of each group compares with all others but the base, by accuracy and by area."""
    kinds: list[tuple[Literal["accuracy", "area"], Kept, Compared]] = [
        ("accuracy", lambda runs: verdicts(runs, name), compare),
        ("area", lambda runs: person_placements(runs, name), compare_areas),
    ]
    found: dict[tuple[str, str], Row] = {}
    for kind, kept, comparison in kinds:
        compared = []
        for entry, leading, others in _with_lead(entries, lead):
            runs = (*leading.values(), *others.values())
            if kind == "accuracy" or all(has_scores(run.folder, f"{name}/all_same") for run in runs):
                row = found.setdefault(
                    (entry["group"], entry["name"]),
                    {"group": entry["group"], "label": entry["label"], "seeds": list(leading), "area": None},
                )
                row[kind] = _words(comparison(kept(list(leading.values())), kept(list(others.values()))), leading)
                compared.append(row[kind])
        _correct(compared)
    return list(found.values())


def _errors_less(method: Verdicts, base: Verdicts) -> float | None:
    """The share of the base's errors that the method does not make; None where the base makes none."""
    wrong = 1 - base.correct.mean()
    return float((method.correct.mean() - base.correct.mean()) / wrong) if wrong else None


def _with_base(rows: list[Row], entries: Entries) -> Iterator[tuple[Row, Runs, Runs]]:
    """Rows with their runs, and those of the base of their group with the same seeds."""
    found = {(entry["group"], entry["name"]): runs for entry, runs in entries}
    for row in rows:
        ours, theirs = found[row["group"], row["name"]], found.get((row["group"], "base"), {})
        if row["name"] != "base" and ours.keys() & theirs.keys():
            yield row, *_common(ours, theirs)


def _with_lead(entries: Entries, lead: str) -> Iterator[tuple[Mapping[str, Any], Runs, Runs]]:
    """Rows but base and lead, with the runs of the lead of their group and their own, of the same seeds."""
    leading = {entry["group"]: runs for entry, runs in entries if entry["name"] == lead}
    for entry, runs in entries:
        best = leading.get(entry["group"], {})
        if entry["name"] not in ("base", lead) and runs.keys() & best.keys():
            yield entry, *_common(best, runs)


def _common(one: Runs, other: Runs) -> tuple[Runs, Runs]:
    seeds = sorted(one.keys() & other.keys())
    return {seed: one[seed] for seed in seeds}, {seed: other[seed] for seed in seeds}


def _correct(compared: Sequence[Row]) -> None:
    """Correct p for the number of comparisons."""
    for paired, p in zip(compared, holm([paired["p"] for paired in compared]), strict=True):
        paired["p_holm"] = p


def _words(found: Comparison, seeds: Iterable[int]) -> Row:
    return {
        "seeds": list(seeds),
        "difference": asdict(found.difference),
        "p": found.p,
        "share": None if found.share is None else asdict(found.share),
    }


def _check_alike(kept: Sequence[Mapping[str, Any]], names: Iterable[str], runs: Sequence[Recorded]) -> None:
    """Seeds must have been judged on the same set."""
    for name in names:
        other = next((run for run, item in zip(runs, kept, strict=True) if _differ(item[name], kept[0][name])), None)
        if other is not None:
            problem = f"it was judged on other pairs or probes than {runs[0].folder}"
            remedy = "Judge all seeds on the same set, or take the run out of the study's folder."
            raise DataError(problem, file=other.folder / "scores.npz", remedy=remedy)


def _differ(one: Any, other: Any) -> bool:
    return not np.array_equal(one, other)


def pair_verdicts(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Of several seeds on one set, from their ``scores.npz``."""
    kept = [kept_scores(run.folder / "scores.npz", name, ("correct", "left", "right")) for run in runs]
    _check_alike(kept, ("left", "right"), runs)
    return Verdicts(np.stack([item["correct"] for item in kept]), kept[0]["left"], kept[0]["right"])


def person_placements(runs: Sequence[Recorded], name: str) -> list[Placements]:
    """Of several seeds on one set, from their ``scores.npz``."""
    kinds = {"same": np.float64, "different": np.float64, "same_pairs": np.int64, "different_pairs": np.int64}
    kept = [kept_scores(run.folder / "scores.npz", name, [f"all_{key}" for key in kinds]) for run in runs]
    return [Placements(**{key: item[f"all_{key}"].astype(kind) for key, kind in kinds.items()}) for item in kept]


def photo_verdicts(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Whether each photo's class was named first; photos are drawn anew as people are elsewhere."""
    kept = [kept_scores(run.folder / "scores.npz", name, ("place",))["place"] for run in runs]
    photo = np.arange(kept[0].size)
    return Verdicts(np.stack([place == 0 for place in kept]), photo, photo)


def found_first(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Whether each probe that has a mate in the gallery was found at rank 1."""
    kept = [kept_scores(run.folder / "scores.npz", name, ("rank", "person")) for run in runs]
    _check_alike(kept, ("person",), runs)
    mated = kept[0]["rank"] > 0
    person = kept[0]["person"][mated]
    return Verdicts(np.stack([item["rank"][mated] == 1 for item in kept]), person, person)
