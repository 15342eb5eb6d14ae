"""The tables of a study, written down as Markdown and as LaTeX."""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.markdown import markdown_table, plain
from foveate.report.study_tables import tables
from foveate.report.words import NOTHING, seeds


def as_markdown(numbers: Mapping[str, Any]) -> str:
    """All tables for a README."""
    parts = [f"# {numbers['title']}", f"Every run: `foveate train RECIPE {' '.join(numbers['flags'])}`."]
    if numbers["teacher_flags"]:
        parts.append(f"Teachers besides: `{' '.join(numbers['teacher_flags'])}`.")
    parts.append(_notes(numbers["kind"]))
    for caption, heads, rows in tables(numbers):
        parts += [f"## {plain(caption)}", markdown_table(heads, rows)]
    if numbers["float32"]:
        parts.append(f"Trained in float32, the others in bf16: {_by_row(numbers['float32'])}.")
    if numbers["missing"]:
        parts.append(f"Not finished: {_by_row(numbers['missing'])}.")
    return "\n\n".join(parts) + "\n"


def _by_row(names: Sequence[str]) -> str:
    """``8x/base-0``, ``8x/base-1`` and ``8x/base-2`` as ``8x/base (0–2)``."""
    rows: dict[str, list[int]] = {}
    for name in names:
        row, _, seed = name.rpartition("-")
        rows.setdefault(row, []).append(int(seed))
    return ", ".join(f"{plain(row)} ({seeds(found)})" for row, found in rows.items())


def _notes(kind: str) -> str:
    """What the tables of a kind of study hold."""
    words = ["Mean and 95 % interval over seeds (Student's t)."]
    if kind in ("correlation", "looks"):
        return f"{words[0]} Of what a run was not asked there is no number."
    same, drawn = {"classification": ("photos", "photos"), "detection": ("photos", "photos")}.get(
        kind, ("pairs", "people")
    )
    levels = " and levels" if kind == "detection" else ""
    words += [
        f"Gain: against Base with the same teachers and seeds on the same {same}, its interval over {drawn} "
        f"(bootstrap) and seeds (Student's t) together, of one seed over {drawn} alone; * where its p, corrected after "
        f"Holm over all rows{levels} of the table, is below 0.05, and there are two seeds or more.",
    ]
    if kind != "detection":
        words.append(
            "McNemar: seeds whose own exact test, corrected after Holm over all, finds the method better than Base."
        )
    words += [
        "Share of headroom: gain over (teacher at 1x minus Base); none where that is not clear of zero itself. "
        "Errors less: the share of Base's errors that the method does not make.",
        "Training and speed: as the runs had them, on machines of several kinds and beside other work; operations are "
        "counted, and compare.",
        "Paper: its own numbers, on its own data (verification: AgeDB-30).",
    ]
    return " ".join(words)


def as_latex(numbers: Mapping[str, Any]) -> str:
    """All tables for a paper, with booktabs."""
    parts = [f"% {numbers['title']}"]
    for caption, heads, rows in tables(numbers):
        columns = "ll" + "r" * (len(heads) - 2)
        lines = [" & ".join(map(_escaped, row)) + r" \\" for row in rows]
        parts.append(
            "\n".join(
                [
                    r"\begin{table}",
                    rf"\caption{{{_escaped(caption)}}}",
                    rf"\begin{{tabular}}{{{columns}}}",
                    r"\toprule",
                    " & ".join(map(_escaped, heads)) + r" \\",
                    r"\midrule",
                    *lines,
                    r"\bottomrule",
                    r"\end{tabular}",
                    r"\end{table}",
                ]
            )
        )
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    """Text that LaTeX takes literally."""
    for sign in "\\&%$#_{}~^":
        text = text.replace(
            sign, {"\\": r"\textbackslash ", "~": r"\textasciitilde ", "^": r"\^{}"}.get(sign, f"\\{sign}")
        )
    for sign, code in {NOTHING: "--", "\N{MINUS SIGN}": "$-$", "<": "$<$", "\N{NO-BREAK SPACE}": "~"}.items():
        text = text.replace(sign, code)
    return text
