"""All that a recipe is made of, measured: training, inference, degradation, loading, evaluation, search.

Legend: B faces, G embeddings of a gallery, Q of those searched for, D embedding size, H x W pixels.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, final

import torch
from torch.nn import functional as F
from torch.utils.data import DataLoader

from foveate.bench.fast import fast_inference, fast_step
from foveate.bench.limits import Limits, measure_limits
from foveate.bench.machine import stamp
from foveate.bench.plain import plain_network, plain_step_of
from foveate.bench.plain_faces import PlainFaces, plain_views
from foveate.bench.timing import Candidate, Ratio, compare
from foveate.bench.trial import Trial, batch_of, experiment, pairs_of
from foveate.data.loader import batches
from foveate.evaluate.faces import FaceVerification
from foveate.experiment import Experiment
from foveate.flops import network_work, training_work
from foveate.heads.head import Head
from foveate.precision import Precision
from foveate.views import FaceViews

PLAIN: Final = {"base": False, "askd": True}
"""Recipes the released code knows too, and whether it distils in them."""

SIDE: Final = 14
"""Pixels of the small face on the plain path; it costs the same at any side."""

NEAREST: Final = 50
"""How many neighbours a search answers with."""


@final
@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes:
        batch: B.
        repeats: of each measurement.
        pairs: of the verification, a multiple of twenty.
        gallery, queries: G and Q.
        precision: of training and inference on our path.
        quick: whether the limits, too, are measured in haste.
    """

    batch: int = 32
    repeats: int = 5
    pairs: int = 200
    gallery: int = 100_000
    queries: int = 64
    precision: Precision = "bf16"
    quick: bool = False


@final
@dataclass(frozen=True)
class Row:
    """One thing that was measured.

    Attributes:
        name: what.
        rate, least, most: items a second, of the median and of the slowest and the fastest repeat.
        unit: of the rate.
        share: of the limit that was reached, from the median.
        limit: which limit.
        over_plain: how many times as fast as the plain path, where there is one.
    """

    name: str
    rate: float
    least: float
    most: float
    unit: str
    share: float
    limit: str
    over_plain: Ratio | None = None


@final
@dataclass(frozen=True)
class Measured:
    """Attributes:
    head: machine, versions and date.
    what: recipe, scale and effort.
    limits: of this machine.
    rows: what was measured, in order.
    """

    head: Mapping[str, Any]
    what: Mapping[str, Any]
    limits: Limits
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values."""
        return {**self.head, **self.what, "limits": self.limits.to_json(), "rows": [asdict(row) for row in self.rows]}


def measure(
    recipe: str,
    trial: Trial,
    effort: Effort,
    folder: Path,
    *,
    device: torch.device | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> Measured:
    """Measure the machine's limits, then everything of a recipe.

    Args:
        recipe: a file name in ``foveate/recipes``; training is measured of ``base`` beside it.
        trial: network, and what it sees.
        effort: how much is measured.
        folder: an empty folder for what is drawn.
        device: of networks and search; the CPU if absent.
        tell: hears what runs now.

    Raises:
        RecipeError: a recipe that cannot be measured.
    """
    place = device or torch.device("cpu")
    tell("limits")
    limits = measure_limits(place, quick=effort.quick)
    made = {name: experiment(name, trial, folder / name) for name in dict.fromkeys(("base", recipe))}
    bench = _Bench(trial, effort, limits, place, tell)
    rows = [bench.training(name, one) for name, one in made.items()]
    rows += bench.others(made[recipe])
    what = {"recipe": recipe, "preset": trial.preset, "classes": trial.classes}
    return Measured(stamp(), {**what, "scale": asdict(trial.scale), "effort": asdict(effort)}, limits, tuple(rows))


class _Bench:
    """What all measurements share."""

    def __init__(
        self, trial: Trial, effort: Effort, limits: Limits, device: torch.device, tell: Callable[[str], None]
    ) -> None:
        self._trial, self._effort, self._limits, self._device, self._tell = trial, effort, limits, device, tell
        self._batch = batch_of(trial, effort.batch)
        self._matrix = limits.matrix(effort.precision)
        self._matrix_name = f"{effort.precision} matrix rate"

    def others(self, made: Experiment) -> Iterator[Row]:
        """All but training."""
        yield self.inference(made)
        yield self.degradation(made)
        yield self.loading(made)
        yield self.evaluation(made)
        head = made.objective.head
        assert isinstance(head, Head)
        yield self.search(head.weight.shape[1])

    def training(self, name: str, made: Experiment) -> Row:
        effort = self._effort
        work = training_work(
            made.objective, made.teacher, size=made.size, batch=effort.batch, precision=effort.precision
        )
        step = fast_step(made, self._batch, device=self._device, precision=effort.precision)
        plain = None
        if name in PLAIN and self._has_plain:
            plain = plain_step_of(self._trial, effort.batch, distil=PLAIN[name], device=str(self._device))
        limit = (work.flops / effort.batch / self._matrix, self._matrix_name)
        return self._row(f"training step, {name}", step, plain, "images/s", limit)

    def inference(self, made: Experiment) -> Row:
        effort, network = self._effort, made.objective.network
        work = network_work(network, size=made.size, batch=effort.batch, backward=False, precision=effort.precision)
        images = made.views.see(self._batch.images)
        plain = None
        if self._has_plain:
            model, seen = plain_network(self._trial).to(self._device).eval(), images.to(self._device)
            plain = torch.no_grad()(lambda: model(seen))
        infer = fast_inference(network.to(self._device), images, precision=effort.precision)
        limit = (work.flops / effort.batch / self._matrix, self._matrix_name)
        return self._row("inference", infer, plain, "images/s", limit)

    def degradation(self, made: Experiment) -> Row:
        images = made.views.normalise(self._batch.images.to(self._device))
        chance = torch.linspace(0, 0.99, len(images), dtype=torch.float64, device=self._device)
        faces = self._batch.images.numpy()
        flops = 2 * 2 * 3 * made.size**3  # rows @ image @ columns, for three colours

        def plain() -> None:
            for face in faces:
                plain_views(face, side=SIDE, mirrored=False)

        limit = (flops / self._limits.float32, "float32 matrix rate")
        return self._row("degradation", lambda: made.views.degrade(images, chance), plain, "images/s", limit)

    def loading(self, made: Experiment) -> Row:
        size = min(self._effort.batch, len(made.images))

        def ours() -> None:
            next(batches(made.images, batch=size, framing=made.framing, seed=0, epoch=0))

        loader = DataLoader(PlainFaces(made.images, SIDE), batch_size=size, shuffle=True)
        limit = (1 / self._limits.jpeg, "JPEG decoding, one thread")
        return self._row("loading", ours, lambda: next(iter(loader)), "images/s", limit, items=size)

    def evaluation(self, made: Experiment) -> Row:
        pairs = pairs_of(self._trial.faces(), self._effort.pairs)
        network = made.objective.network.to(self._device).eval()
        assert isinstance(made.views, FaceViews)
        judge = FaceVerification(pairs, made.views, made.size, pairs.name)
        work = network_work(network, size=made.size, batch=4, backward=False, precision="float32")
        limit = (work.flops / self._limits.float32, "float32 matrix rate")  # four passes a pair: mirror images too
        return self._row("evaluation", lambda: judge(network), None, "pairs/s", limit, items=len(pairs))

    def search(self, width: int) -> Row:
        effort = self._effort
        generator = torch.Generator().manual_seed(0)
        gallery, queries = (
            F.normalize(torch.randn(count, width, generator=generator)).to(self._device)
            for count in (effort.gallery, effort.queries)
        )
        nearest = min(NEAREST, effort.gallery)

        def ours() -> None:
            (queries @ gallery.T).topk(nearest)

        def plain() -> None:
            (queries @ gallery.T).argsort(1, descending=True)[:, :nearest]

        limit = (2 * effort.gallery * width / self._limits.float32, "float32 matrix rate")
        return self._row("search", ours, plain, "searches/s", limit, items=effort.queries)

    @property
    def _has_plain(self) -> bool:
        return self._trial.scale.backbone == "iresnet"

    def _row(
        self,
        name: str,
        ours: Callable[[], object],
        plain: Callable[[], object] | None,
        unit: str,
        limit: tuple[float, str],
        *,
        items: int | None = None,
    ) -> Row:
        """Time ours, and the plain path in turn with it; ``limit`` is the fewest seconds an item, and its name."""
        items = items or self._effort.batch
        candidates = {"ours": Candidate(ours, items)}
        if plain is not None:
            candidates["plain"] = Candidate(plain, items, keep_memory=False)
        found = compare(
            candidates,
            repeats=self._effort.repeats,
            device=self._device,
            tell=lambda text: self._tell(f"{name}: {text}"),
        )
        taken = found.durations["ours"]
        return Row(
            name,
            rate=taken.rate,
            least=items / max(taken.seconds),
            most=items / min(taken.seconds),
            unit=unit,
            share=limit[0] * taken.rate,
            limit=limit[1],
            over_plain=None if plain is None else found.ratio("plain", "ours"),
        )
