"""A table for the terminal: cells in columns, the first one to the left, the others to the right."""

from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Lay out rows of equally many cells, two spaces between columns; the first row is the head."""
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
