"""The training loop, readable in one sitting.

Everything drawn by chance is a function of (seed, epoch, index) or (seed, step), so a run that was killed goes on
from its last checkpoint bit for bit as if nothing had happened, in the middle of an epoch and with any number of
loader workers.
"""

import json
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any, final

import torch

from foveate import __version__
from foveate.blueprint import describe
from foveate.chance import integer
from foveate.checkpoint import Card, Spent, check_same_run, latest, load_state, save_model, save_state
from foveate.data.loader import RawBatch, batches, steps_per_epoch
from foveate.errors import RecipeError, TrainingError
from foveate.experiment import Experiment
from foveate.files import finite, write_json
from foveate.log import Log
from foveate.memory import keep_freed_memory
from foveate.objective import Losses, Objective
from foveate.precision import autocast, choose_device
from foveate.run import Run
from foveate.views import Batch


def train(experiment: Experiment, run: Run) -> dict[str, Any]:
    """Run an experiment to its end.

    A run that is finished already is not run again. Writes into ``run.out``: ``run.json`` (what was run), ``log.jsonl``
    (losses and evaluations), ``checkpoints/``, and at the end ``model.safetensors`` and ``results.json``.

    Returns:
        What ``results.json`` holds.

    Raises:
        RecipeError: the folder already holds a run and ``resume`` is off.
        CheckpointError: the folder holds another run.
        TrainingError: a loss that is not finite; earlier checkpoints stay.
    """
    keep_freed_memory()
    device = choose_device(run.device)
    objective = experiment.objective.to(device).to(memory_format=torch.channels_last)
    optimiser = experiment.optimiser(value for value in objective.parameters() if value.requires_grad)
    per_epoch = steps_per_epoch(len(experiment.images), experiment.batch)
    total = per_epoch * experiment.epochs
    card = _card(experiment, run, total)
    first, seconds = _prepare(run, card, objective, optimiser)
    if (finished := run.out / "results.json").exists():
        return json.loads(finished.read_text())
    start = time.perf_counter() - seconds
    update = _Update(experiment, run, optimiser, device)
    with closing(Log(run, first)) as log:
        for step, batch in _stream(experiment, run, first, total):
            losses = update(batch, step, step // per_epoch, step / total)
            done = step + 1
            if done == 1:
                _describe(run, card)
            if log.is_due(done, total):
                update.refuse_bad(done, losses)
            log.step(done, total, losses, faces=len(batch[0]), rate=update.rate)
            if done == total:
                break
            if experiment.evaluate_every and done % (experiment.evaluate_every * per_epoch) == 0:
                update.refuse_bad(done, losses)
                log.write({"step": done, "evaluations": _evaluate(experiment, log)})
            if done % run.checkpoint_every == 0:
                update.refuse_bad(done, losses)
                spent, state = Spent(done, time.perf_counter() - start), objective.trained_state()
                save_state(run.out / "checkpoints", spent, tensors=state, card=card, optimiser=optimiser)
        seconds, seen = time.perf_counter() - start, total * experiment.batch
        save_model(run.out / "model.safetensors", objective.trained_state(), {**card, "step": total})
        results = {
            "recipe": run.recipe,
            "seed": run.seed,
            "arguments": run.arguments,
            "degradation": experiment.views.degrade.title,
            "evaluations": _evaluate(experiment, log),
            "cost": {"seconds": seconds, "steps": total, "images_per_second": seen / seconds},
        }
        log.write({"step": total, "evaluations": results["evaluations"]})
        write_json(run.out / "results.json", results)
    return finite(results)


@final
class _Update:
    """One step of training; remembers whether any loss was not finite, without asking the device each time."""

    def __init__(
        self, experiment: Experiment, run: Run, optimiser: torch.optim.Optimizer, device: torch.device
    ) -> None:
        self._experiment, self._run, self._optimiser, self._device = experiment, run, optimiser, device
        self._rates = [group["lr"] for group in optimiser.param_groups]
        self._bad = torch.zeros((), dtype=torch.bool, device=device)

    def __call__(self, batch: RawBatch, step: int, epoch: int, progress: float) -> Losses:
        experiment, seed, groups = self._experiment, self._run.seed, self._optimiser.param_groups
        views = experiment.views(Batch(*(item.to(self._device) for item in batch)), seed=seed, epoch=epoch)
        torch.manual_seed(integer("step", seed, step))
        with autocast(self._device, self._run.precision):
            losses = experiment.objective(views, progress)
        self._optimiser.zero_grad()
        losses.total.backward()
        if experiment.clip is not None:
            torch.nn.utils.clip_grad_norm_([value for group in groups for value in group["params"]], experiment.clip)
        for group, rate in zip(groups, self._rates, strict=True):
            group["lr"] = rate * experiment.schedule.factor(progress)
        self._optimiser.step()
        self._bad |= ~losses.total.detach().isfinite()
        return losses

    @property
    def rate(self) -> float:
        """The learning rate of the last step."""
        return self._optimiser.param_groups[0]["lr"]

    def refuse_bad(self, step: int, losses: Losses) -> None:
        """Raise TrainingError if any loss so far, or a weight now, is not finite."""
        weights = [value for group in self._optimiser.param_groups for value in group["params"]]
        self._bad |= ~torch.stack([value.isfinite().all() for value in weights]).all()
        if self._bad.item():
            terms = ", ".join(f"{name} {value.item():.3g}" for name, value in losses.terms.items())
            raise TrainingError(
                f"the loss or a weight is not finite at or before step {step} ({terms})",
                file=self._run.out,
                remedy="Lower the learning rate, warm up longer, or clip gradients; earlier checkpoints are intact.",
            )


def _card(experiment: Experiment, run: Run, total: int) -> Card:
    objective = experiment.objective
    return {
        "version": __version__,
        "recipe": run.recipe,
        "arguments": run.arguments,
        "seed": run.seed,
        "precision": run.precision,
        "network": describe(objective.network),
        "head": describe(objective.head),
        "views": describe(experiment.views),
        "degradation": experiment.views.degrade.title,
        "classes": {"number": len(experiment.images.classes), "sha256": experiment.images.fingerprint()},
        "steps": total,
        **experiment.notes,
    }


def _prepare(run: Run, card: Card, objective: Objective, optimiser: torch.optim.Optimizer) -> Spent:
    """Start a new run, or load the newest checkpoint; returns how far the run has come."""
    if (run.out / "run.json").exists() and not run.resume:
        raise RecipeError(
            "the folder already holds a run", file=run.out, remedy="Continue it with --resume, or choose another --out."
        )
    if (run.out / "run.json").exists():
        check_same_run(card, json.loads((run.out / "run.json").read_text()), file=run.out / "run.json")
    checkpoint = latest(run.out / "checkpoints") if run.resume else None
    if checkpoint is not None:
        return load_state(checkpoint, own=objective.trained_state(), optimiser=optimiser, card=card)
    return Spent(0, 0.0)


def _describe(run: Run, card: Card) -> None:
    """Write run.json; not before a first step was done, so that a run which cannot begin leaves its folder free."""
    environment = {"torch": torch.__version__, "threads": torch.get_num_threads(), "device": run.device}
    write_json(run.out / "run.json", {**card, "environment": environment})


def _stream(experiment: Experiment, run: Run, first: int, total: int) -> Iterator[tuple[int, RawBatch]]:
    """Batches of all epochs from step ``first`` on, numbered."""
    step = first
    per_epoch = steps_per_epoch(len(experiment.images), experiment.batch)
    while step < total:
        epoch, skip = divmod(step, per_epoch)
        for batch in batches(
            experiment.images,
            batch=experiment.batch,
            size=experiment.size,
            seed=run.seed,
            epoch=epoch,
            skip=skip,
            workers=run.workers,
        ):
            yield step, batch
            step += 1


def _evaluate(experiment: Experiment, log: Log) -> dict[str, Any]:
    objective = experiment.objective.eval()
    answers = {}
    for evaluation in experiment.evaluations:
        answers[evaluation.name] = evaluation(objective.network)
        log.say(evaluation.headline(answers[evaluation.name]))
    objective.train()
    return answers
