"""One student of a run: its weights, optimiser, log and checkpoints. The loop in ``foveate.train`` feeds it batches."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from foveate import distributed
from foveate.backbones.synchronised import synchronised
from foveate.chance import integer
from foveate.checkpoint import Spent, check_same_run, load_state, save_state, steps_saved
from foveate.data.loader import steps_per_epoch
from foveate.distill.trace import Trace
from foveate.errors import CheckpointError, RecipeError, TrainingError
from foveate.experiment import Experiment
from foveate.files import finite, write_arrays, write_json
from foveate.heads.partial_fc import PartialFC
from foveate.log import Log
from foveate.model_file import save_model
from foveate.objective import Losses, weighted_mean
from foveate.precision import autocast
from foveate.run import Run
from foveate.run_card import card_of, data_of, describe_run
from foveate.views import Batch, Views, split


@final
class Trainee:
    """A student on its device, ready to be trained.

    Args:
        experiment, run: what is trained, and how.
        device: where.
    """

    def __init__(self, experiment: Experiment, run: Run, device: torch.device) -> None:
        self.experiment, self.run, self._device = experiment, run, device
        self.objective = experiment.objective.to(device).to(memory_format=torch.channels_last)
        if device.type == "cuda" and distributed.size() > 1:
            synchronised(self.objective)
        self._optimiser = experiment.optimiser(value for value in self.objective.parameters() if value.requires_grad)
        self._rates = [group["lr"] for group in self._optimiser.param_groups]
        self._per_epoch = steps_per_epoch(len(experiment.images), experiment.batch)
        self.total = self._per_epoch * experiment.epochs
        self._card = card_of(experiment, run, self.total)
        self._data = data_of(experiment)
        self._trained: nn.Module = self.objective
        self._losses: Callable[..., Losses] = self.objective
        self._bad = torch.zeros((), dtype=torch.bool, device=device)
        self._latest: Mapping[str, Tensor] = {}
        self._log: Log | None = None
        self._start = 0.0

    @property
    def results(self) -> dict[str, Any] | None:
        """What ``results.json`` holds, once the run is finished."""
        file = self.run.out / "results.json"
        return _read(file) if file.exists() else None

    def saved(self) -> set[int]:
        """Steps of which there are checkpoints to go on from.

        Raises:
            RecipeError: the folder already holds a run and ``resume`` is off.
            CheckpointError: the folder holds another run.
        """
        described = self.run.out / "run.json"
        if not described.exists():
            if self.results is not None or steps_saved(self.run.out / "checkpoints"):
                problem = "the folder holds results or checkpoints of a run that nothing describes (run.json is gone)"
                raise CheckpointError(problem, file=self.run.out, remedy="Restore it, or choose another --out.")
            return set()
        if not self.run.resume:
            raise RecipeError(
                "the folder already holds a run",
                file=self.run.out,
                remedy="Continue it with --resume, or choose another --out.",
            )
        check_same_run(self._card, _read(described), file=described)
        return steps_saved(self.run.out / "checkpoints")

    def begin(self, step: int) -> None:
        """Load the checkpoint of this step (none for 0), and open the log."""
        seconds = 0.0
        if step:
            folder = self.run.out / "checkpoints" / f"step-{step:08d}"
            own = self.objective.state_dict()
            seconds = load_state(folder, own=own, optimiser=self._optimiser, card=self._card).seconds
            if isinstance(self.objective.head, PartialFC):
                self.objective.head.load(folder / "shards")
        if distributed.size() > 1:
            self._trained = DistributedDataParallel(self.objective)
        self._losses = torch.compile(self._trained) if self.run.compile else self._trained
        self._start = time.perf_counter() - seconds
        self._log = Log(self.run, step)

    def views(self, batch: Batch, epoch: int) -> Views:
        """What teacher and student see of a batch that is on the device."""
        return self.experiment.views(batch, seed=self.run.seed, epoch=epoch)

    def step(self, views: Views, trace: Trace | None, step: int) -> None:
        """Update the weights; log, evaluate and write a checkpoint where they are due.

        Args:
            views: of this rank's part of the batch.
            trace: the teacher's, of the same faces.
            step: how many steps were done before.
        """
        progress, done = step / self.total, step + 1
        # The same draws as ever on one rank, others on each further one.
        torch.manual_seed(integer("step", self.run.seed, step, *([distributed.rank()] if distributed.rank() else [])))
        self._optimiser.zero_grad()
        losses = self._backward(views, trace, progress, self._whole(step))
        self._update(progress)
        self._bad |= ~losses.total.detach().isfinite()
        if done == 1 and distributed.is_first():
            describe_run(self.run, {**self._card, **self._data})
        self._latest = losses.terms
        every = self.experiment.evaluate_every * self._per_epoch
        evaluates = every and done % every == 0
        if self.log.is_due(done, self.total) or evaluates:
            self._refuse_bad(done)
        whole = self._whole(step)
        share, rate = len(views.target) * distributed.size() / whole, self._optimiser.param_groups[0]["lr"]
        self.log.step(done, self.total, losses, faces=whole, share=share, rate=rate)
        if evaluates and done < self.total:
            self._evaluate(done)
        if done % self.run.checkpoint_every == 0 and done < self.total:
            self.save(done)

    def _backward(self, views: Views, trace: Trace | None, progress: float, batch: int) -> Losses:
        """Gradients and losses of a batch, part by part; those of several ranks are exchanged with the last part.

        DDP takes the mean of the ranks' gradients; ``share`` makes it the mean over all faces of the ``batch``.
        """
        faces = len(views.target)
        share, parts = faces * distributed.size() / batch, parts_of(batch, self.experiment.parts)
        found: list[tuple[float, Losses]] = []
        traces = [None] * parts if trace is None else trace.split(parts)
        for number, (part, looks) in enumerate(zip(split(views, parts), traces, strict=True), start=1):
            trained, weight = self._trained, len(part.target) / faces
            waits = isinstance(trained, DistributedDataParallel) and number < parts
            with trained.no_sync() if waits else nullcontext():  # pyright: ignore[reportCallIssue] -- it is DDP's
                with autocast(self._device, self.run.precision):
                    losses = self._losses(part, progress, looks)
                (losses.total * (share * weight)).backward()
            found.append((weight, losses))
        return weighted_mean(found)

    def _whole(self, step: int) -> int:
        """Faces of a step's batch, over all ranks; the last batch of an epoch may be small."""
        place = step % self._per_epoch
        return min(self.experiment.batch, len(self.experiment.images) - place * self.experiment.batch)

    def _update(self, progress: float) -> None:
        groups = self._optimiser.param_groups
        if self.experiment.clip is not None:
            nn.utils.clip_grad_norm_([value for group in groups for value in group["params"]], self.experiment.clip)
        for group, rate in zip(groups, self._rates, strict=True):
            group["lr"] = rate * self.experiment.schedule.factor(progress)
        self._optimiser.step()
        if isinstance(self.objective.head, PartialFC):
            group = groups[0]
            self.objective.head.update(rate=group["lr"], momentum=group["momentum"], decay=group["weight_decay"])

    @property
    def log(self) -> Log:
        """The open log."""
        assert self._log is not None
        return self._log

    def _evaluate(self, step: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Ask all evaluations; the answers go into the log. Beside them, arrays of what they were made from."""
        for buffer in self.objective.buffers() if distributed.size() > 1 else ():
            torch.distributed.broadcast(buffer, src=0)  # each rank's running statistics saw its own faces only
        objective, answers, arrays = self.objective.eval(), {}, {}
        for evaluation in self.experiment.evaluations:
            answers[evaluation.name], found = evaluation.detailed(objective.network)
            arrays |= {f"{evaluation.name}/{name}": value for name, value in found.items()}
            self.log.say(evaluation.headline(answers[evaluation.name]))
        objective.train()
        self.log.write({"step": step, "evaluations": answers})
        return answers, arrays

    def finish(self) -> dict[str, Any]:
        """Write the model, evaluate it, and write the results."""
        seconds = time.perf_counter() - self._start
        seen = self.experiment.epochs * sum(self._whole(step) for step in range(self._per_epoch))
        tensors, head = self.objective.state_dict(), self.objective.head
        if isinstance(head, PartialFC):
            tensors["head.weight"] = head.whole()
        if distributed.is_first():
            save_model(self.run.out / "model.safetensors", tensors, {**self._card, **self._data, "step": self.total})
        del tensors
        answers, arrays = self._evaluate(self.total)
        results = {
            "recipe": self.run.recipe,
            "seed": self.run.seed,
            "arguments": self.run.arguments,
            "degradation": self.experiment.views.degrade.title,
            "degradations": [view.degrade.title for view in self.experiment.views.apart()],
            "evaluations": answers,
            "cost": {"seconds": seconds, "steps": self.total, "images_per_second": seen / seconds},
        }
        if distributed.is_first():
            write_arrays(self.run.out / "scores.npz", arrays)
            write_json(self.run.out / "results.json", results)
        return finite(results)

    def close(self) -> None:
        """End the log."""
        if self._log is not None:
            self._log.close()

    def _refuse_bad(self, step: int) -> None:
        """Raise TrainingError if any loss so far, or a weight or a running statistic now, is not finite."""
        weights = [value for group in self._optimiser.param_groups for value in group["params"]]
        weights += [value for value in self.objective.buffers() if value.is_floating_point()]
        if isinstance(self.objective.head, PartialFC):
            weights.append(self.objective.head.weight.sum())
        self._bad |= ~torch.stack([value.isfinite().all() for value in weights]).all()
        if distributed.summed(self._bad.float()).item():
            terms = ", ".join(f"{name} {value.item():.3g}" for name, value in self._latest.items())
            raise TrainingError(
                f"the loss or a weight is not finite at or before step {step} ({terms})",
                file=self.run.out,
                remedy="Lower the learning rate, warm up longer, or clip gradients; earlier checkpoints are intact.",
            )

    def save(self, done: int) -> None:
        """Write a checkpoint after this many steps, unless there is one.

        Raises:
            TrainingError: a loss or a weight is not finite.
        """
        if done in steps_saved(self.run.out / "checkpoints"):
            return
        self._refuse_bad(done)
        folder, head, shards = self.run.out / "checkpoints", self.objective.head, None
        if isinstance(head, PartialFC):
            shards = folder / f".shards-{done:08d}"
            if distributed.is_first():  # what more ranks left, that were killed while they wrote
                shutil.rmtree(shards, ignore_errors=True)
            distributed.barrier()
            head.save(shards)
            distributed.barrier()
        if distributed.is_first():
            spent, state = Spent(done, time.perf_counter() - self._start), self.objective.state_dict()
            save_state(folder, spent, tensors=state, card=self._card, optimiser=self._optimiser, shards=shards)


def _read(file: Path) -> dict[str, Any]:
    try:
        return json.loads(file.read_text())
    except ValueError as error:
        remedy = "Restore it, or choose another --out."
        raise CheckpointError(f"the file is damaged ({error})", file=file, remedy=remedy) from error


def parts_of(batch: int, wanted: int) -> int:
    """In how many parts each rank works through its share of a batch: two faces a part or more where there are as many.

    All ranks have as many parts, though some have a face more than others, because they talk to each other in each.
    """
    return max(1, min(wanted, batch // distributed.size() // 2))
