"""The page of speed in the documentation, made from the result files of the benchmarks."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from foveate.errors import DataError

QUESTIONS: Final = (
    "askd_step",
    "distillation_cost",
    "matrix_rate",
    "inference",
    "degradation",
    "loading",
    "reading",
    "ranks",
    "partial_fc",
    "search",
    "detection",
    "detector",
    "learning",
)
"""Benchmarks in the order of the page; others that have results follow."""

NEEDED: Final = ("question", "date", "machine", "versions", "settings")
"""What every result file holds."""

GROWTH: Final = "partial_fc.svg"
"""The figure of how sampled class centres grow, beside the page."""

PROFILE: Final = 12
"""Operators shown of a profile."""

HEAD: Final = """# Speed

Made by `python benchmarks/page.py` from `benchmarks/results/*.json`; do not edit.

Every number is the median of several repeats, with the range in brackets. What is compared was run in turn in one
process (A B A B ...), so a ratio is worth more than its two rates; its range is that of the ratios within one round.
The *plain path* (`foveate/bench/plain.py`) does what the paper's released code does: float32, channels first, each face
degraded by itself, PyTorch's own modules in eager mode, ArcFace over a one-hot matrix, the C library's own way of
allocating memory. In one process with our path it finds some of the memory that ours keeps, so the system clears fewer
pages for it than in a process of its own; where both were measured, both are shown.

Limits are the fastest of a few matrix products, square and of a convolution's shape, measured just before each
benchmark. On a shared machine they differ from hour to hour, so shares of a limit compare within one section only; and
convolutions can need fewer operations than are counted, so in float32 a share can pass 100 %.

`foveate bench` measures the machine it runs on in the same way; [planning](planning.md) says what a full-scale run
takes.
"""


def read_results(folder: Path) -> dict[str, Any]:
    """The result files of a folder, by name.

    Raises:
        DataError: a file that is no result.
    """
    found = {}
    for file in sorted(folder.glob("*.json")):
        try:
            result = json.loads(file.read_text())
        except ValueError:
            result = None
        if not isinstance(result, dict) or not {*NEEDED} <= result.keys():
            raise DataError(
                "this is no result of a benchmark",
                file=file,
                remedy=f"Delete it, or run python benchmarks/{file.stem}.py again.",
            )
        found[file.stem] = result
    return found


def page(results: Mapping[str, Any]) -> str:
    """The page, in Markdown.

    Args:
        results: JSON values by the name of their benchmark.
    """
    names = [*QUESTIONS, *sorted(results.keys() - {*QUESTIONS})]
    parts = [HEAD]
    for name in names:
        if name in results:
            parts += _section(name, results[name])
        else:
            parts += [f"## {name}\n\nNot measured yet: `python benchmarks/{name}.py`.\n"]
    return "\n".join(parts)


def _section(name: str, result: Mapping[str, Any]) -> list[str]:
    settings, machine = result["settings"], result["machine"]
    faces = (
        f"IResNet-{settings['depth']}, width {settings['width']}, batch {settings['batch']}, {settings['classes']:,} "
        "identities"
    )
    where = (
        f"{result.get('of', faces)}; {machine['gpu'] or machine['processor']}, {machine['threads']} threads, "
        f"PyTorch {result['versions']['torch']}, {result['date']}, {settings['repeats']} repeats "
        f"(`benchmarks/{name}.py`)."
    )
    parts = [f"## {result['question']}\n", where + "\n"]
    parts += [_rates(result)] if "durations" in result else []
    parts += [_ratios(result["ratios"])] if result.get("ratios") else []
    parts += [_ceiling(item) + "\n" for item in result.get("ceilings", ())]
    parts += [_shares(result)] if "share_of_memory" in result else []
    parts += [f"{said}\n" for said in result.get("remarks", ())]
    parts += [_agreements(result["agreements"])] if result.get("agreements") else []
    parts += [_profile(result["profile"])] if result.get("profile") else []
    return parts


def _rates(result: Mapping[str, Any]) -> str:
    rows = [f"| | {result['unit']} | seconds |", "|---|---|---|"]
    for name, item in result["durations"].items():
        rates = [_number(item["items"] / item[key]) for key in ("most", "least")]
        seconds = f"{_number(item['median'])} ({_number(item['least'])} to {_number(item['most'])})"
        rows.append(f"| {name} | {_number(item['rate'])} ({rates[0]} to {rates[1]}) | {seconds} |")
    return "\n".join(rows) + "\n"


def _number(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ratios(ratios: list[dict[str, Any]]) -> str:
    rows = ["| time of | over time of | ratio | aim |", "|---|---|---|---|"]
    for item in ratios:
        aim = "" if item["target"] is None else f"at {'most' if item['at_most'] else 'least'} {item['target']:g}"
        value = f"**{item['median']:.2f}** ({item['least']:.2f} to {item['most']:.2f})"
        rows.append(f"| {item['slow']} | {item['fast']} | {value} | {aim} |")
    return "\n".join(rows) + "\n"


def _shares(result: Mapping[str, Any]) -> str:
    """Time and memory of sampled class centres over those of all of them."""
    memory = result["mebibytes_above_weights_and_momentum"]
    rows = [
        "| | share of the time | share of the memory above weights and momentum | MiB a rank |",
        "|---|---|---|---|",
    ]
    for name, share in result["share_of_memory"].items():
        time = result["share_of_time"][name]
        rows.append(f"| {name} | {100 * time:.0f} % | {100 * share:.0f} % | {memory[name]:,.0f} |")
    return "\n".join([*rows, "", f"![Time against the number of classes]({GROWTH})"]) + "\n"


def _agreements(items: list[dict[str, Any]]) -> str:
    """What several paths found from the same seeds, beside the spread and the interval of the first."""
    rows = ["| | path | by seed | mean | in the spread of plain | in its 95 % interval |", "|---|---|---|---|---|---|"]
    for item in items:
        for path, values in item["values"].items():
            cells = [item["what"], path, ", ".join(f"{value:.4f}" for value in values)]
            cells.append(f"{sum(values) / len(values):.4f}")
            for bounds in ("spread", "interval"):
                low, high = item[bounds]
                said = "unknown" if low is None else f"{low:.4f} to {high:.4f}"
                inside = item[f"inside_{bounds}"].get(path)
                cells.append(said if inside is None else "yes" if inside else "**no**")
            rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


def _ceiling(item: Mapping[str, Any]) -> str:
    aim = f" (aim: {100 * item['target']:.0f} %)" if item.get("target") else ""
    possible = item.get("possible")
    ratio = f" At the ceiling it would be {possible['ratio']:.1f} x {possible['over']}." if possible else ""
    return (
        f"Ceiling of *{item['of']}*: this machine's {item['limit']} allows {_number(item['most'])} a second; "
        f"{_number(item['rate'])} are {100 * item['share']:.0f} % of that{aim}.{ratio}"
    )


def _profile(operators: list[dict[str, Any]]) -> str:
    rows = ["| operator | share of the time | calls |", "|---|---|---|"]
    for item in operators[:PROFILE]:
        rows.append(f"| `{item['operator']}` | {100 * item['share']:.1f} % | {item['calls']:,} |")
    return "\n".join(rows) + "\n"
