"""How many times as fast do records become both views as on the plain path, which does it image by image?

    python benchmarks/loading.py [--repeats 5] [--out benchmarks/results]

JPEG faces of 112 x 112 pixels out of a record file: decoded, flipped, degraded to 14 pixels, batch 32, in this process.
"""

from itertools import islice
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader

from foveate.bench.limits import measure_limits
from foveate.bench.plain_faces import PlainFaces
from foveate.bench.question import Settings, ask, ceiling, ratio
from foveate.bench.timing import Candidate
from foveate.bench.trial import experiment
from foveate.data.loader import RawBatch, batches
from foveate.views import Batch, Views

QUESTION = "How many times as fast do records become both views as on the plain path?"

BATCHES = 4
"""In one measurement."""


def measure(settings: Settings, folder: Path) -> dict[str, Any]:
    """Plain, ours, and ours without the views, in turn."""
    limits = measure_limits(settings.place)
    made = experiment("base", settings.trial(), folder / "base")
    size = min(settings.batch, len(made.images))
    count = min(BATCHES, len(made.images) // size)
    loader = DataLoader(PlainFaces(made.images, 14), batch_size=size, shuffle=True)

    def plain() -> list[Any]:
        return list(islice(loader, count))

    def decoded() -> list[RawBatch]:
        return list(islice(batches(made.images, batch=size, framing=made.framing, seed=0, epoch=0), count))

    def ours() -> list[Views]:
        place = settings.place
        return [made.views(Batch(*(item.to(place) for item in batch)), seed=0, epoch=0) for batch in decoded()]

    faces = count * size
    found = settings.compare(
        {
            "plain": Candidate(plain, faces, keep_memory=False),
            "ours": Candidate(ours, faces),
            "ours, decoding only": Candidate(decoded, faces),
        }
    )
    names = ("ours", "ours, decoding only")
    return {
        "limits": limits.to_json(),
        "of": f"JPEG faces of 112 x 112 pixels, batch {settings.batch}",
        "unit": "images/s",
        "durations": found.to_json(),
        "ratios": [ratio(found, "plain", "ours")],
        "ceilings": [
            ceiling(name, found.durations[name].rate, limits.jpeg, "JPEG decoding, one thread") for name in names
        ],
    }


if __name__ == "__main__":
    ask(Path(__file__).stem, QUESTION, measure)
