"""Runs -> one HTML page that explains itself: no other file, no network, readable in ten years."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from foveate import __version__
from foveate.plots.accuracy import accuracy_by_method
from foveate.plots.attention import attention_figure
from foveate.plots.correlation import attention_correlation
from foveate.plots.curves import WINDOW, training_curves
from foveate.plots.faces import degraded_faces
from foveate.plots.theme import DARK, LIGHT, Theme
from foveate.report.answer import Of
from foveate.report.looks import Looks, read_looks
from foveate.report.methods import method_labels
from foveate.report.picture import Picture, picture
from foveate.report.reading import Recorded, read_runs
from foveate.report.summary import counted, summarise_recorded
from foveate.report.tables import (
    agreement_table,
    classification_table,
    detection_table,
    identification_table,
    verification_table,
)
from foveate.report.template import write_page
from foveate.report.words import decimal, percent

TITLE: Final = "Where to look: face verification at low resolution"
_PHOTOS: Final = 160  # dots an inch; photos weigh much
_MOST: Final = 6  # faces in the figure of attention maps

Themes = tuple[Theme, Theme]


def report(runs: Sequence[Path], out: Path, *, looks: Path | None = None, title: str = TITLE) -> Path:
    """Write the page.

    Args:
        runs: folders of runs, or folders that hold such folders. Unfinished runs are listed as such.
        out: the HTML file.
        looks: ``looks.npz`` with faces and attention maps. The page then shows these faces to whoever reads it.
        title: heading of the page.

    Returns:
        ``out``.

    Raises:
        DataError: there are no runs, or a file is damaged.
    """
    recorded = read_runs(runs)
    summary = summarise_recorded(recorded)
    others = tuple(dict.fromkeys(run["recipe"] for run in summary["runs"]))
    of = counted(summary["sets"], summary["classification"], summary["detection"])
    themes = (dataclasses.replace(LIGHT, others=others), dataclasses.replace(DARK, others=others))
    seen = None if looks is None else read_looks(looks)
    return write_page(
        out,
        "page.html",
        title=title,
        version=__version__,
        summary=summary,
        unfinished=[run for run in summary["runs"] if not run["finished"]],
        verification=[(item, *verification_table(item)) for item in summary["sets"]],
        classification=[(item, *classification_table(item)) for item in summary["classification"]],
        detection=[(item, *detection_table(item)) for item in summary["detection"]],
        identification=[(item, *identification_table(item)) for item in summary["identification"]],
        agreement=[(item, *agreement_table(item), _correlation(item, themes)) for item in summary["attention"]],
        accuracy=_accuracy(summary["sets"] or summary["classification"][:1] or summary["detection"], themes, of),
        attention=None if seen is None else _attention(seen, themes),
        faces=None if seen is None else _faces(seen, themes),
        curves=_curves(recorded, summary, themes),
    )


def _accuracy(sets: Sequence[Mapping[str, Any]], themes: Themes, of: Of) -> Picture | None:
    if not sets:
        return None
    found = "; ".join(
        f"{item['title']}: "
        + ", ".join(f"{row['label']} {percent(row['authors']['mean'], 1)} %" for row in item["rows"])
        for item in sets
    )
    return picture(
        lambda theme: accuracy_by_method(sets, of=of, theme=theme),
        themes,
        alt=f"Accuracy of each method with its 95 % interval. {found}.",
        caption="Accuracy with its 95 % interval. Small dots are single seeds. The axis does not start at 0.",
    )


def _attention(looks: Looks, themes: Themes) -> Picture:
    names = ", ".join(look.label for look in looks.networks)
    return picture(
        lambda theme: attention_figure(looks.high, looks.low, looks.networks, most=_MOST, theme=theme),
        themes,
        dpi=_PHOTOS,
        alt=f"Faces, the same faces degraded, and over them the attention maps of: {names}.",
        caption="Spatial attention of the first block, whose map is the finest, laid over what each network is given: "
        "the teacher's over the sharp face, a student's over the degraded one. Each map is stretched to its own range, "
        "blue for the least attention and red for the most, so colours compare places within one face, not networks "
        "with each other.",
    )


def _faces(looks: Looks, themes: Themes) -> Picture:
    return picture(
        lambda theme: degraded_faces(looks.high, looks.low, most=_MOST, theme=theme),
        themes,
        dpi=_PHOTOS,
        alt="Sharp faces above the same faces with their details removed.",
        caption="The same photos twice. The degraded face is enlarged to its old size, so both networks are built "
        "alike; the lost details do not come back.",
    )


def _correlation(item: Mapping[str, Any], themes: Themes) -> Picture:
    found = "; ".join(
        f"{row['label']}, {kind}: " + ", ".join(decimal(stage["centred"]["mean"]) for stage in stages.values())
        for row in item["rows"]
        for kind, stages in row["kinds"].items()
    )
    return picture(
        lambda theme: attention_correlation(item["rows"], theme=theme),
        themes,
        alt=f"Correlation with the teacher's attention maps by stage, mean maps subtracted. {found}.",
        caption="Pearson's r between a student's attention maps and its teacher's. The teacher sees each photo sharp, "
        "the student sees it degraded. The last block stands for its stage, as in the released code; the picture of "
        "maps shows the first block, whose map is the finest. Bars are 95 % intervals over seeds, where there are "
        "several.",
    )


def _curves(recorded: Sequence[Recorded], summary: Mapping[str, Any], themes: Themes) -> Picture | None:
    order = [run["folder"] for run in summary["runs"]]
    curves = list(
        _logged(sorted((run for run in recorded if run.log), key=lambda run: order.index(str(run.folder))), recorded)
    )
    if not curves:
        return None
    return picture(
        lambda theme: training_curves(curves, theme=theme),
        themes,
        alt="Losses over training, one line a run: "
        + ", ".join(dict.fromkeys(curve["label"] for curve in curves))
        + ".",
        caption="Each loss on its own, not weighted; one line a run: the mean of the batches that were logged within "
        f"{100 * WINDOW:.0f} % of training. A classification loss may rise while the margin of its head is being "
        "warmed up. A loss compares methods only where they share it, and a lower one does not promise better "
        "verification.",
    )


def _logged(runs: Sequence[Recorded], all_runs: Sequence[Recorded]) -> Iterator[dict[str, Any]]:
    labels = method_labels(all_runs)
    for run in runs:
        terms = dict.fromkeys(term for record in run.log for term in record["losses"])
        yield {
            "label": labels[run.folder],
            "recipe": run.card["recipe"],
            "progress": [record["progress"] for record in run.log],
            "losses": {term: [record["losses"].get(term) for record in run.log] for term in terms},
        }
