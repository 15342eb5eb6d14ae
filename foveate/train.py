"""The training loop, readable in one sitting: one process or many, one student or several.

Everything drawn by chance is a function of (seed, epoch, index) or (seed, step), so a run that was killed goes on
from its last checkpoint bit for bit as if nothing had happened, in the middle of an epoch and with any number of
loader workers. Several students of one teacher see the same batches, and each ends as it would have alone.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import torch

from foveate import distributed
from foveate.data.loader import RawBatch, batches, steps_per_epoch
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.memory import keep_freed_memory
from foveate.precision import choose_device
from foveate.run import Run
from foveate.teaching import Lessons
from foveate.trainee import Trainee
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
    return train_together([(experiment, run)])[0]


def train_together(plans: Sequence[tuple[Experiment, Run]]) -> list[dict[str, Any]]:
    """Run several experiments over the same batches; students of one teacher share its pass.

    Each ends with the weights it would have had alone (but for rounding, where one looks at the teacher's convolutions,
    which are then not folded for all). They need the same images, batches, epochs and seed.

    Raises:
        RecipeError: they do not fit together, or as ``train``.
        CheckpointError, TrainingError: as ``train``.
    """
    keep_freed_memory()
    _check_together(plans)
    device = distributed.local_device(choose_device(plans[0][1].device))
    trainees = [Trainee(experiment, run, device) for experiment, run in plans]
    saved = [trainee.saved() for trainee in trainees]
    unfinished = [number for number, trainee in enumerate(trainees) if trainee.results is None]
    if unfinished:
        for number in unfinished:
            for evaluation in trainees[number].experiment.evaluations:
                evaluation.look()
        # What is finished needs no more steps, and what is not goes on from where all that is left have been.
        first = max(set.intersection(*(saved[number] for number in unfinished)), default=0)
        _run([trainees[number] for number in unfinished], first, device)
        distributed.barrier()
    return [trainee.results or {} for trainee in trainees]


def _run(trainees: Sequence[Trainee], first: int, device: torch.device) -> None:
    lessons = Lessons([(trainee.experiment, trainee.run) for trainee in trainees], device)
    per_epoch = steps_per_epoch(len(trainees[0].experiment.images), trainees[0].experiment.batch)
    with ExitStack() as logs:
        for trainee in trainees:
            trainee.begin(first)
            logs.callback(trainee.close)
        with _asked_to_stop() as asked:
            for step, raw in _stream(trainees[0], first):
                pixels, label, position = raw
                batch = Batch(pixels.to(device, non_blocking=True), label.to(device, non_blocking=True), position)
                for number, trainee in enumerate(trainees):
                    views = trainee.views(batch, step // per_epoch)
                    trainee.step(views, lessons.trace(number, views, step / trainee.total), step)
                if asked():
                    for trainee in trainees:
                        trainee.save(step + 1)
                    raise KeyboardInterrupt
        for trainee in trainees:
            trainee.finish()


@contextmanager
def _asked_to_stop() -> Iterator[Callable[[], bool]]:
    """Whether the user has pressed Ctrl-C: the step is ended and a checkpoint written; pressed again, all ends at once.

    Only where one process works in its main thread; several ranks would stop at different steps.
    """
    alone = distributed.size() == 1 and threading.current_thread() is threading.main_thread()
    if not alone or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield lambda: False
        return
    pressed = False

    def note(*_: object) -> None:
        nonlocal pressed
        pressed = True
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGINT, note)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _stream(trainee: Trainee, first: int) -> Iterator[tuple[int, RawBatch]]:
    """This rank's part of the batches of all epochs from step ``first`` on, numbered."""
    experiment, run, step = trainee.experiment, trainee.run, first
    per_epoch = steps_per_epoch(len(experiment.images), experiment.batch)
    while step < trainee.total:
        epoch, skip = divmod(step, per_epoch)
        for batch in batches(
            experiment.images,
            batch=experiment.batch,
            framing=experiment.framing,
            seed=run.seed,
            epoch=epoch,
            skip=skip,
            workers=run.workers,
            per_identity=experiment.per_identity,
        ):
            yield step, batch
            step += 1


def _check_together(plans: Sequence[tuple[Experiment, Run]]) -> None:
    """One stream of batches must serve all, and each rank must get a part of every batch."""

    def needs(experiment: Experiment, run: Run) -> dict[str, Any]:
        return {
            "data": experiment.images.state(),
            **{name: getattr(experiment, name) for name in ("batch", "epochs", "framing", "per_identity")},
            **{name: getattr(run, name) for name in ("seed", "precision", "device", "workers")},
        }

    wanted = [needs(*plan) for plan in plans]
    for other in wanted[1:]:
        differ = [f"--{name.replace('_', '-')}" for name in other if other[name] != wanted[0][name]]
        if differ:
            raise RecipeError(
                f"students that are trained together differ in {', '.join(differ)}",
                remedy="Give all of them the same, or train them one by one.",
            )
    if len({run.cache for experiment, run in plans if experiment.teacher is not None}) > 1:
        remedy = "Give --cache to all of them, before the first +, or to none."
        raise RecipeError("students that are trained together differ in --cache", remedy=remedy)
    outs = [run.out.resolve() for _, run in plans]
    if len(set(outs)) < len(outs):
        raise RecipeError("two students have one folder", file=outs[0], remedy="Give each its own --out.")
    experiment, ranks = plans[0][0], distributed.size()
    last = len(experiment.images) % experiment.batch
    least = min(count for count in (experiment.batch, last) if count > 1 or count == experiment.batch)
    if ranks > 1 and least // ranks < 2:
        raise RecipeError(
            f"a batch of {least} faces cannot be shared by {ranks} ranks",
            remedy="Give each rank two faces or more of every batch, the last of an epoch included: change --batch.",
        )
