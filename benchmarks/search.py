"""How many times as fast is counting strangers as sorting the gallery, and in how much memory?

    python benchmarks/search.py [--repeats 5] [--out benchmarks/results]

A search of TinyFace's size: 3,728 probes among 157,871 faces, random unit vectors of 512 numbers, three mates a probe.
Ours counts exactly (foveate/evaluate/search.py) and computes ranks and average precisions; the plain ways make the
whole score matrix and sort it, and stop there: in one call, which pays for seven further GiB of memory, or PyTorch's
argsort some rows at a time and NumPy's row by row, which do not. Memory is that of a process of its own: what it has
taken at most above the vectors.
The ranks are compared with those of float64 for some of the probes.
"""

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from foveate.bench.question import Settings, ask, ratio
from foveate.bench.timing import Candidate
from foveate.data.identification_set import DISTRACTOR
from foveate.evaluate.identification import identify
from foveate.memory import keep_freed_memory, peak_memory

QUESTION = "How many times as fast is counting strangers as sorting the gallery, and in how much memory?"
PROBES, GALLERY, EMBEDDING = 3_728, 157_871, 512
PEOPLE, MATES = 1_481, 3
CHECKED = 64
"""Probes whose ranks are compared with those of float64."""
ROWS = 64
"""Of the score matrix that PyTorch sorts at a time."""


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Ours, the matrix product alone, and both ways of sorting, in turn; then memory and ranks."""
    probes, gallery, people, labels = faces(PROBES, GALLERY, PEOPLE)
    ours, theirs = torch.from_numpy(probes), torch.from_numpy(gallery)

    def whole() -> None:
        (ours @ theirs.T).argsort(1, descending=True)

    def pytorch() -> None:
        for rows in (ours @ theirs.T).split(ROWS):
            rows.argsort(1, descending=True)

    def numpy() -> None:
        for row in np.negative(scores := probes @ gallery.T, out=scores):
            row.argsort()

    found = settings.compare(
        {
            "counting (ours)": Candidate(lambda: identify(probes, gallery, people, labels), PROBES),
            "matrix product alone": Candidate(lambda: ours @ theirs.T, PROBES),
            "argsort of the whole matrix": Candidate(whole, PROBES),
            "PyTorch's argsort, some rows at a time": Candidate(pytorch, PROBES),
            "NumPy's argsort, row by row": Candidate(numpy, PROBES),
        }
    )
    memory, (equal, couples) = _memory(folder), _exact(probes, gallery, people, labels)
    return {
        "of": f"{PROBES:,} probes, {GALLERY:,} faces, {EMBEDDING} numbers each",
        "unit": "probes/s",
        "durations": found.to_json(),
        "ratios": [
            ratio(found, "argsort of the whole matrix", "counting (ours)", target=7.0),
            ratio(found, "PyTorch's argsort, some rows at a time", "counting (ours)"),
            ratio(found, "NumPy's argsort, row by row", "counting (ours)"),
            ratio(found, "counting (ours)", "matrix product alone"),
        ],
        "mebibytes_above_vectors": memory,
        "ranks": {"checked": couples, "equal_to_float64": equal},
        "remarks": [
            f"Peak memory above the vectors: {memory:,.0f} MiB (aim: below 1,024). The score matrix alone has "
            f"{4 * PROBES * GALLERY / 2**20:,.0f}.",
            f"{equal:,} of {couples:,} ranks and average precisions are those of float64.",
        ],
    }


def faces(probes: int, gallery: int, people: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Vectors of probes and gallery, made in place so that they are all that is in memory; whom they show."""
    random = np.random.default_rng(0)
    vectors = [np.empty((count, EMBEDDING), dtype=np.float32) for count in (probes, gallery)]
    for each in vectors:
        random.standard_normal(out=each, dtype=np.float32)
        each /= np.sqrt(np.einsum("nd,nd->n", each, each))[:, None]
    labels = np.full(gallery, DISTRACTOR)
    labels[: MATES * people] = np.arange(MATES * people) % people
    return vectors[0], vectors[1], random.integers(people, size=probes), random.permutation(labels)


def _exact(probes: np.ndarray, gallery: np.ndarray, people: np.ndarray, labels: np.ndarray) -> tuple[int, int]:
    """How many probes have the same rank and average precision by sorting float64, and how many were compared."""
    found = identify(probes[:CHECKED], gallery, people[:CHECKED], labels)
    precise = gallery.astype(np.float64)
    equal = 0
    for number, person in enumerate(people[:CHECKED]):
        order = np.argsort(-(precise @ probes[number].astype(np.float64)))
        places = np.flatnonzero(labels[order] == person) + 1
        hits = np.arange(1, len(places) + 1)
        before = np.where(places == 1, 1.0, (hits - 1) / np.maximum(places - 1, 1))
        area = float(((before + hits / places) / 2).mean())
        equal += found.rank[number] == places[0] and bool(np.isclose(found.average_precision[number], area, rtol=1e-12))
    return int(equal), len(found.rank)


def _memory(folder: Path) -> float:
    """MiB that a process of its own takes above the vectors."""
    case = json.dumps([PROBES, GALLERY, PEOPLE, str(folder / "memory.json")])
    subprocess.run([sys.executable, __file__], env={**os.environ, "FOVEATE_CASE": case}, check=True)
    return json.loads((folder / "memory.json").read_text())


def work(probes: int, gallery: int, people: int, file: str) -> None:
    """The process whose memory is measured."""
    keep_freed_memory()
    identify(*faces(8, 64, 2))  # what the libraries take for themselves is there before
    given = faces(probes, gallery, people)
    before = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    identify(*given)
    Path(file).write_text(json.dumps((peak_memory() - before) / 2**20))


if __name__ == "__main__":
    if "FOVEATE_CASE" in os.environ:
        work(*json.loads(os.environ["FOVEATE_CASE"]))
    else:
        ask(Path(__file__).stem, QUESTION, measure)
