"""What a search found, written down: the table of its trials as Markdown, numbers as JSON, a figure as PNG and SVG."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from foveate.files import write_bytes, write_json
from foveate.plots.search import value_by_setting
from foveate.report.drawn import drawn
from foveate.report.markdown import markdown_table, plain
from foveate.report.words import NOTHING, bounds, percent, set_name

MEASURES: Final = {
    "auc": "AUC over all pairs, held-out identities",
    "accuracy": "accuracy, authors' protocol, held-out identities",
    "imagenet_": "top-1, held-out photos",
    "widerface_": "average precision, squares of held-out photos",
}
"""What a trial's value is: by the measure that was asked for, or by the kind of recipe, which has one alone."""


def write_search(folder: Path, found: Mapping[str, Any]) -> tuple[str, list[Path]]:
    """Write ``search.json``, ``search.md`` and the figure.

    Args:
        folder: of the search.
        found: what ``foveate.search.summary.summarise`` returned.

    Returns:
        The table with what is to be said about it, and the files.
    """
    text = as_markdown(found)
    files = [folder / "search.json", folder / "search.md"]
    write_json(files[0], dict(found))
    write_bytes(files[1], text.encode())
    done = [trial for trial in found["trials"] if trial["value"] is not None]
    if done:
        figure = value_by_setting(found["space"], done, measure=_measure(found))
        for ending in ("png", "svg"):
            files.append(folder / f"search.{ending}")
            write_bytes(files[-1], drawn(figure, ending))
    return text, files


def as_markdown(found: Mapping[str, Any]) -> str:
    """The table of trials, best first, and what the best gave when it was trained on all identities."""
    names = [item["name"] for item in found["space"]]
    rows = [
        [str(trial["trial"]), *[_setting(trial["settings"][name]) for name in names], _value(trial)]
        for trial in found["trials"]
    ]
    heads = ["Trial", *names, _measure(found)]
    parts = [f"# Random search: {plain(found['recipe'])}", markdown_table(heads, rows)]
    best = found["best"]
    if best is not None:
        parts += [f"Trial {best['trial']} was the best. On all identities its settings are", f"    {best['command']}"]
        parts += ["\n".join(_judged(best))] if best["evaluations"] is not None else []
    return "\n\n".join(parts) + "\n"


def _measure(found: Mapping[str, Any]) -> str:
    kind = next((start for start in MEASURES if found["recipe"].startswith(start)), found["measure"])
    return MEASURES[kind]


def _judged(best: Mapping[str, Any]) -> list[str]:
    """A line for each test set."""
    lines, chosen_on = [], best["judged_on_what_it_was_chosen_on"]
    for name, answer in best["evaluations"].items():
        before = len(lines)
        if "authors" in answer:
            accuracy = answer["authors"]
            line = f"- {set_name(name)}: {percent(accuracy['accuracy'])} % {bounds(accuracy)}".rstrip()
            lines.append(plain(line).replace("\\-", "-"))
        elif "found_at_rank" in answer:
            ranks = answer["found_at_rank"]
            shown = ", ".join(f"{percent(found['mean'])} % at rank {rank}" for rank, found in ranks.items())
            lines.append(f"- {set_name(name)}: {shown}")
        elif "top1" in answer:
            lines.append(f"- {plain(name)}: {percent(answer['top1'])} %")
        elif "average_precision" in answer:
            found = ", ".join(f"{level} {percent(value)}" for level, value in answer["average_precision"].items())
            lines.append(f"- {plain(name)}: {found} %")
        if answer.get("set", name) in chosen_on and len(lines) > before:
            lines[-1] += "; the settings were chosen on some of these, so this is too good: bring a test set"
    return lines


def _setting(value: float | int | str) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _value(trial: Mapping[str, Any]) -> str:
    if trial["value"] is not None:
        return f"{trial['value']:.4f}"
    return f"failed: {trial['said'] or 'it said nothing'}" if trial["state"] == "failed" else NOTHING
