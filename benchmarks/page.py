"""Write docs/speed.md, and the figure in it, from the result files beside this script.

python benchmarks/page.py
"""

import io
import sys
from pathlib import Path
from typing import Any

import matplotlib

from foveate.bench.page import GROWTH, page, read_results
from foveate.files import write_bytes
from foveate.plots.growth import growth

HERE = Path(__file__).resolve().parent


def drawn(result: dict[str, Any]) -> bytes:
    """The figure of ``benchmarks/partial_fc.py`` as SVG."""
    lines: dict[str, list[tuple[float, float, float, float]]] = {}
    for name, item in result["durations"].items():
        classes, way = name.split(" classes, ")
        point = (float(classes.replace(",", "")), item["median"], item["least"], item["most"])
        line = "all centres" if way == "all" else f"{way.split()[0]} of the centres sampled"
        lines.setdefault(line, []).append(point)
    image = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "foveate"}):
        figure = growth(lines, across="classes", cost="Seconds for a step of the head, two ranks")
        figure.savefig(image, format="svg", metadata={"Date": None})
    return image.getvalue()


if __name__ == "__main__":
    docs, results = HERE.parent / "docs", read_results(HERE / "results")
    if "partial_fc" in results:
        write_bytes(docs / GROWTH, drawn(results["partial_fc"]))
    write_bytes(docs / "speed.md", page(results).encode())
    sys.stdout.write(f"{docs / 'speed.md'}\n")
