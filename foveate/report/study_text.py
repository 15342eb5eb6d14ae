"""The tables of a study as Markdown and as LaTeX.

Every cell is made once, as plain text; the two differ in how they write a table down.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from foveate.report.markdown import markdown_table, plain
from foveate.report.study_paired import SURE
from foveate.report.study_summary import RANKS
from foveate.report.words import NOTHING, bounds, decimal, duration, percent, set_name

HEADS = (
    "",
    "Method",
    "Seeds",
    "Accuracy (%)",
    "Gain over Base (points)",
    "p (Holm)",
    "McNemar",
    "Share of headroom (%)",
    "Errors less (%)",
    "insightface (%)",
    "AUC, all pairs",
    "TAR at FAR 1 %, all pairs (%)",
    "Training",
    "Paper",
)

Table = tuple[str, Sequence[str], list[list[str]]]


def tables(numbers: Mapping[str, Any]) -> list[Table]:
    """Caption, headings and rows of every table."""
    if numbers["kind"] == "correlation":
        return [_attention(numbers["attention"])]
    made = [_headroom(numbers)] if numbers["headroom"] else []
    made += [_verification(item, numbers) for item in numbers["sets"]]
    made += [_identification(item) for item in numbers["identification"]]
    made += [_sweep(numbers["sweep"])] if numbers["sweep"] else []
    return made + ([_attention(numbers["attention"])] if numbers["attention"] else [])


def _headroom(numbers: Mapping[str, Any]) -> Table:
    rows = [
        [item["group"], percent(item["teacher"]), percent(item["base"]), percent(item["headroom"])]
        for item in numbers["headroom"]
    ]
    heads = ("", "Teacher at 1x (%)", "Base (%)", "Headroom (points)")
    return "Headroom on held-out training identities (authors' protocol, one seed)", heads, rows


def _verification(item: Mapping[str, Any], numbers: Mapping[str, Any]) -> Table:
    published = ", ".join(f"{value:.2f}" for value in numbers["published_teacher"].values()) or NOTHING
    top, count = item["ceiling"], len(item["ceiling"]["accuracy"]["values"])
    rows = [["1x", "Teacher", str(count), _share(top["accuracy"]), *[NOTHING] * 5, *_more(top), NOTHING, published]]
    rows += [_line(row) for row in item["rows"]]
    return f"{set_name(item['set'])}: {item['pairs']} pairs of {item['images']} images", HEADS, rows


def _identification(item: Mapping[str, Any]) -> Table:
    ranks = [f"rank {rank}" for rank in RANKS]
    rows = [["1x", "Teacher", str(len(item["teacher"]["mAP"]["values"])), *_found(item["teacher"]), *[NOTHING] * 4]]
    for row in item["rows"]:
        gain, p, sure, *_ = _paired(row["paired"])
        published = ", ".join(f"{name}: {value:.2f}" for name, value in row["published"].items()) or NOTHING
        rows.append([row["group"], row["label"], str(len(row["seeds"])), *_found(row), gain, p, sure, published])
    heads = ("", "Method", "Seeds", *(f"{rank} (%)" for rank in ranks), "mAP (%)", "Gain at rank 1 (points)")
    caption = f"{set_name(item['set'])}: {item['probes']} probes, {item['gallery']} faces in the gallery"
    return caption, (*heads, "p (Holm)", "McNemar", "Paper (%)"), rows


def _found(row: Mapping[str, Any]) -> list[str]:
    first, *others = (row[name] for name in (*(f"rank {rank}" for rank in RANKS), "mAP"))
    return [_share(first), *(percent(other["mean"]) for other in others)]


def _line(row: Mapping[str, Any]) -> list[str]:
    published = ", ".join(f"{value:.2f}" for value in row["published"].values()) or NOTHING
    return [
        row["group"],
        row["label"],
        str(len(row["seeds"])),
        _share(row["accuracy"]),
        *_paired(row["paired"]),
        *_more(row),
        duration(row["cost"]["seconds"]),
        published,
    ]


def _paired(paired: Mapping[str, Any] | None) -> list[str]:
    if paired is None:
        return [NOTHING] * 5
    gain, share, p = paired["difference"], paired["share"], paired["p_holm"]
    mark = "*" if p < SURE else ""
    return [
        f"{_signed(gain['mean'])} {bounds(gain)}{mark}",
        "<0.001" if p < 0.001 else f"{p:.3f}",
        f"{paired['mcnemar_sure']} of {len(paired['seeds'])}",
        NOTHING if share is None else f"{percent(share['mean'], 0)} {bounds(share, 0)}",
        f"{100 * paired['error_reduction']:.1f}",
    ]


def _signed(share: float) -> str:
    return f"{100 * share:+.2f}".replace("-", "\N{MINUS SIGN}")


def _share(estimate: Mapping[str, Any]) -> str:
    return f"{percent(estimate['mean'])} {bounds(estimate)}".strip()


def _more(row: Mapping[str, Any]) -> list[str]:
    auc = row["auc"]["mean"]
    return [_share(row["insightface"]), NOTHING if auc is None else f"{auc:.4f}", percent(row["true_accept"]["mean"])]


def _sweep(rows: Sequence[Mapping[str, Any]]) -> Table:
    """The smallest usable face is the median over seeds."""
    first = rows[0]
    sides = [point["side"] for point in first["points"]]
    lines = []
    for row in rows:
        usable = sorted(float("inf") if side is None else side for side in row["usable"])
        middle = usable[len(usable) // 2]
        cells = [percent(point["mean"], 1) for point in row["points"]]
        smallest = NOTHING if middle == float("inf") else f"{middle:.0f}"
        lines.append([row["group"], row["label"], set_name(row["set"]), row["mode"], *cells, smallest])
    heads = ("", "Method", "Set", "Mode", *(f"{side} px" for side in sides), "Smallest usable (px)")
    rule = f"TAR {first['target']:g} at FAR {first['far']:g}, median over seeds"
    return f"Accuracy (%, authors' protocol) by size of the face; usable: {rule}", heads, lines


def _attention(rows: Sequence[Mapping[str, Any]]) -> Table:
    lines, stages = [], []
    for row in rows:
        for kind, found in row["stages"].items():
            stages = list(dict.fromkeys([*stages, *found]))
            for measure, title in (("centred", "mean maps subtracted"), ("pooled", "pooled, as in the paper")):
                cells = [_correlation(found.get(stage), measure) for stage in stages]
                lines.append([row["group"], row["label"], kind, title, *cells])
    heads = ("", "Method", "Maps", "Correlation", *(stage.replace("stage", "Stage ") for stage in stages))
    return "Attention maps compared with the teacher's (Pearson r, last block of each stage)", heads, lines


def _correlation(stage: Mapping[str, Any] | None, measure: str) -> str:
    return NOTHING if stage is None else decimal(stage[measure]["mean"])


def as_markdown(numbers: Mapping[str, Any]) -> str:
    """All tables for a README."""
    parts = [f"# {numbers['title']}", f"Every run: `foveate train RECIPE {' '.join(numbers['flags'])}`."]
    if numbers["teacher_flags"]:
        parts.append(f"Teachers besides: `{' '.join(numbers['teacher_flags'])}`.")
    parts.append(NOTES)
    for caption, heads, rows in tables(numbers):
        parts += [f"## {plain(caption)}", markdown_table(heads, rows)]
    if numbers["missing"]:
        parts.append("Not finished: " + ", ".join(plain(name) for name in numbers["missing"]) + ".")
    return "\n\n".join(parts) + "\n"


NOTES = (
    "Mean and 95 % interval over seeds (Student's t). Gain: against Base with the same teachers and seeds on the same "
    "pairs, its interval from a joint bootstrap over people and seeds; * where its p, corrected after Holm over all "
    "rows of the set, is below 0.05. McNemar: seeds whose own exact test, corrected after Holm over all, finds "
    "the method better. Share of headroom: gain over (teacher at 1x minus Base). "
    "Paper: its own numbers, on its own data."
)


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
