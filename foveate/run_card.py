"""What the files of a run say of it: its card, what its data were, and on what machine it ran."""

import torch

from foveate import __version__, distributed
from foveate.blueprint import describe
from foveate.doctor.manifest import manifest_note
from foveate.experiment import Experiment
from foveate.files import write_json
from foveate.heads.partial_fc import PartialFC
from foveate.model_file import Card
from foveate.run import Run


def card_of(experiment: Experiment, run: Run, total: int) -> Card:
    """What a run that is resumed must share with the one that was stopped; ``total`` is its number of steps."""
    objective = experiment.objective
    return {
        "version": __version__,
        "recipe": run.recipe,
        "arguments": run.arguments,
        "seed": run.seed,
        "precision": run.precision,
        "network": describe(objective.network),
        "head": objective.head.as_arcface() if isinstance(objective.head, PartialFC) else describe(objective.head),
        "views": describe(experiment.views),
        "degradation": experiment.views.degrade.title,
        "classes": {"number": len(experiment.images.classes), "sha256": experiment.images.fingerprint()},
        "steps": total,
        "teacher_cache": "float16" if run.cache is not None and experiment.teacher is not None else None,
        "compile": run.compile or None,
        **experiment.notes,
    }


def data_of(experiment: Experiment) -> Card:
    """What the manifest of the training set says, if there is one. A run goes on whether or not it is there."""
    note = manifest_note(experiment.images.path)
    return {} if note is None else {"data": note}


def describe_run(run: Run, card: Card) -> None:
    """Write run.json; not before a first step was done, so that a run which cannot begin leaves its folder free."""
    environment = {
        "torch": torch.__version__,
        "threads": torch.get_num_threads(),
        "device": run.device,
        "ranks": distributed.size(),
    }
    write_json(run.out / "run.json", {**card, "environment": environment})
