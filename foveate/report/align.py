"""What an alignment gave: in words for the terminal, and as a page with a contact sheet."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from foveate.report.template import write_page

_KINDS: Final = {
    "detected": "with a detected face",
    "box": "given boxes",
    "resize": "whole regions, resized",
    "centre": "centres of regions, resized",
}
_NAMED: Final = 5
Pictures = Sequence[tuple[bytes | None, str]]
"""JPEG files, or None where there is no picture, and what they show."""


def align_words(summary: Mapping[str, Any]) -> list[str]:
    """The summary of ``foveate.align.summary.summarise``: one sentence, then notes."""
    dropped = f", {summary['dropped']:,} photos without a crop" if summary["dropped"] else ""
    lines = [f"{summary['crops']:,} crops of {summary['photos']:,} photos{dropped}"]
    kinds = summary["crops_by_kind"]
    if set(kinds) - {"detected"}:
        lines.append(", ".join(f"{count:,} {_KINDS[kind]}" for kind, count in kinds.items()))
    if summary["several_faces"]:
        lines.append(f"{summary['several_faces']:,} photos with more than one face")
    lines += [f"{count:,} x {problem}" for problem, count in summary["problems"].items()]
    if summary["other_files"]:
        others = ", ".join(f"{count:,} {ending}" for ending, count in summary["other_files"].items())
        lines.append(f"passed over, as no photos: {others}")
    if gone := summary["gone"]:
        lines.append(f"{len(gone):,} crops are of photos that are gone (delete them too?): {_some(gone)}")
    return lines


def write_align_page(
    out: Path, summary: Mapping[str, Any], settings: Mapping[str, Any], groups: Iterable[tuple[str, Pictures]]
) -> Path:
    """Write one HTML page that needs no other file.

    Args:
        out: the page.
        summary: numbers.
        settings: with which the crops were made.
        groups: pictures, by what they show.

    Returns:
        ``out``.
    """
    sentence, *notes = align_words(summary)
    notes += [f"{name}: {value}" for name, value in settings.items() if value is not None]
    return write_page(
        out,
        "align.html",
        title="Aligned faces",
        sentence=sentence,
        notes=notes,
        groups=[(title, [(_uri(image), caption) for image, caption in tiles]) for title, tiles in groups],
    )


def _some(files: Sequence[str]) -> str:
    return ", ".join([*files[:_NAMED], *(["..."] if len(files) > _NAMED else [])])


def _uri(image: bytes | None) -> str | None:
    return None if image is None else "data:image/jpeg;base64," + base64.b64encode(image).decode()
