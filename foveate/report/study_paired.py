"""Paired comparisons of a study's rows with the base of their group, on the same pairs (or probes) and seeds."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np

from foveate.evaluate.paired import Comparison, Verdicts, compare, holm, mcnemar
from foveate.report.reading import Recorded
from foveate.report.study_runs import Entries, Row, kept_scores

SURE: Final = 0.05


def add_comparisons(
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


def pair_verdicts(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Of several seeds on one set, from their ``scores.npz``."""
    kept = [kept_scores(run.folder / "scores.npz", name, ("correct", "left", "right")) for run in runs]
    return Verdicts(np.stack([item["correct"] for item in kept]), kept[0]["left"], kept[0]["right"])


def found_first(runs: Sequence[Recorded], name: str) -> Verdicts:
    """Whether each probe was found at rank 1."""
    kept = [kept_scores(run.folder / "scores.npz", name, ("rank", "person")) for run in runs]
    person = kept[0]["person"]
    return Verdicts(np.stack([item["rank"] == 1 for item in kept]), person, person)
