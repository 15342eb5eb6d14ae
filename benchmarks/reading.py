"""How fast are images read in random order out of record files and tar shards, and what does a large file cost?

    python benchmarks/reading.py [--repeats 5] [--out benchmarks/results]

JPEG faces of 112 x 112 pixels are read and decoded one by one on one core, and by a loader with two workers, whose
start is counted. Then record files of several sizes, sparse ones with the same few images spread over them, are opened
and read: seconds, and memory of this process that is not the file's own pages.
"""

import re
import time
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np

from foveate.bench.limits import measure_limits
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import experiment
from foveate.data.decode import decode
from foveate.data.insightface import InsightFaceRecords
from foveate.data.labelled import LabelledImages
from foveate.data.loader import batches
from foveate.data.recordio import MAGIC, PART, pack_image
from foveate.data.webdataset import WebDataset
from foveate.data.webdataset_writer import write_webdataset

QUESTION: Final = "How fast are images read in random order, and what does a large record file cost?"

IMAGES = 32_768
"""In one measurement."""

BATCH = 128
"""Images that a worker hands over at a time, as in training; in batches of 32 the handing over costs more."""

SPARSE = (2**30, 50 * 2**30)
"""Bytes of the files that are opened."""

SPREAD = 1000
"""Images in each of them."""

_ALIGNED: Final = 4096


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Reading on one core and with workers, then opening."""
    limits = measure_limits(settings.place)
    made = experiment("base", settings.trial(), folder / "base")
    encoded = [made.images.encoded(number % len(made.images)) for number in range(IMAGES)]
    pairs = [(image, number % 2) for number, image in enumerate(encoded)]
    records = _spread(folder / "records", encoded, 0)
    write_webdataset(folder / "shards", pairs)
    shards, order = WebDataset(folder / "shards"), np.random.default_rng(0).permutation(IMAGES).tolist()

    def one_by_one(images: LabelledImages) -> None:
        for number in order:
            decode(images.encoded(number), file=images.path, record=number)

    def with_workers() -> None:
        loaded = batches(records, batch=BATCH, framing=made.framing, seed=0, epoch=0, workers=2)
        for _ in islice(loaded, IMAGES // BATCH):
            pass

    found = settings.compare(
        {
            "decoding only": Candidate(
                lambda: [decode(encoded[number], file=None, record=None) for number in order], IMAGES
            ),
            "records": Candidate(lambda: one_by_one(records), IMAGES),
            "tar shards": Candidate(lambda: one_by_one(shards), IMAGES),
            "records, two workers": Candidate(with_workers, IMAGES),
        }
    )
    opened = [_opened(folder / f"sparse-{size}", encoded[:1] * SPREAD, size) for size in SPARSE]
    return {
        "limits": limits.to_json(),
        "of": f"{IMAGES:,} JPEG faces of 112 x 112 pixels",
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [ratio(found, "records, two workers", "records"), ratio(found, "tar shards", "records")],
        "ceilings": [
            ceiling(name, found.durations[name].rate, limits.jpeg, "JPEG decoding, one thread")
            for name in ("records", "tar shards")
        ],
        "opened": opened,
        "remarks": [
            f"A sparse record file of {item['bytes'] / 1e9:.1f} GB with {item['images']:,} images opens in "
            f"{item['seconds']:.3f} s (aim: under 2 s); opening it and reading all takes {item['mebibytes']:.1f} MiB."
            for item in opened
        ],
    }


def _opened(folder: Path, encoded: list[bytes], size: int) -> dict[str, Any]:
    """What it takes to open a record file of this size and to read all its images."""
    _spread(folder, encoded, size)
    before, start = _own_memory(), time.perf_counter()
    images = InsightFaceRecords(folder)
    seconds = time.perf_counter() - start
    for number in range(len(images)):
        images.encoded(number)
    took = (_own_memory() - before) / 2**20
    return {
        "bytes": (folder / "train.rec").stat().st_size,
        "images": len(images),
        "seconds": seconds,
        "mebibytes": took,
    }


def _spread(folder: Path, encoded: list[bytes], size: int) -> InsightFaceRecords:
    """A record file of at least this size, with holes between its images."""
    folder.mkdir(parents=True)
    step, offset, lines = size // len(encoded) // _ALIGNED * _ALIGNED, 0, list[str]()
    with (folder / "train.rec").open("wb") as file:
        for number, image in enumerate(encoded):
            payload = pack_image(float(number % 2), image)
            offset = max(-(-offset // 4) * 4, number * step)
            file.seek(offset)
            file.write(PART.pack(MAGIC, len(payload)) + payload)
            lines.append(f"{number}\t{offset}\n")
            offset += PART.size + len(payload)
        file.truncate(max(size, -(-offset // 4) * 4))
    (folder / "train.idx").write_text("".join(lines))
    return InsightFaceRecords(folder)


def _own_memory() -> int:
    """Bytes of this process that are in memory and are no pages of a file; 0 where the system does not say."""
    status = Path("/proc/self/status")
    found = re.search(r"RssAnon:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    return 1024 * int(found[1]) if found else 0


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
