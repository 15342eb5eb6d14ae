"""A recipe's experiment on images the package draws: its real networks, heads, views and optimiser, for measuring only.

Legend: N classes.
"""

import inspect
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, final, get_type_hints

import numpy as np
import torch

from foveate import __version__
from foveate.backbones.iresnet import Sites
from foveate.blueprint import describe
from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.image_writer import write_image
from foveate.data.insightface_writer import write_insightface
from foveate.data.pairs import VerificationPairs
from foveate.data.synthetic.faces import SyntheticFaces
from foveate.data.verification_writer import write_verification_bin
from foveate.degrade.preset import Preset
from foveate.discover import recipe as find_recipe
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.face_task import FaceTask
from foveate.model_file import save_model
from foveate.photo_scale import PhotoScale
from foveate.photo_task import PhotoTask
from foveate.scale import FULL, Scale
from foveate.student import LoneStudent, Student, TaughtStudent
from foveate.task import Task
from foveate.views import Batch

FOLDS: Final = 10


@final
@dataclass(frozen=True)
class Trial:
    """What to try, and on how much.

    Attributes:
        scale: size of network and training, of the recipe's task.
        preset: "paper" or "released".
        classes: N, identities of the head; each has one face. In a recipe for photos the same pictures are photos.
        drawn: different faces; they are dealt out to the identities again and again.
        attention: of the networks, or "none".
        sites: where it stands in networks for faces (see ``IResNet``).
    """

    scale: Any = FULL
    preset: Preset = "paper"
    classes: int = 64
    drawn: int = 32
    attention: str = "cbam"
    sites: Sites = "block"

    def __post_init__(self) -> None:
        if self.classes < 2 or self.drawn < 2:
            raise RecipeError(
                f"{self.classes} identities of {self.drawn} drawn faces are too few", remedy="Give two or more of each."
            )

    def faces(self) -> list[bytes]:
        """The drawn faces, encoded as JPEG."""
        numbers = torch.arange(self.drawn)
        return [encode(picture.numpy()) for picture in SyntheticFaces().render(numbers, numbers)]


def experiment(recipe: str, trial: Trial, folder: Path) -> Experiment:
    """Build the experiment of a recipe with its own default arguments.

    A recipe that wants a teacher gets one of its own architecture with random weights: what it costs does not depend
    on what it knows.

    Args:
        recipe: a file name in ``foveate/recipes``.
        trial: what to try.
        folder: an empty folder for the drawn faces and the teacher; needed as long as the experiment.

    Raises:
        RecipeError: there is no such recipe, or it is not one for faces, or cannot be built from its defaults.
    """
    function = find_recipe(recipe)
    hints = get_type_hints(function)
    first, *others = inspect.signature(function).parameters.values()
    task = _task(hints[first.name], trial, folder)
    given: list[Student] = []
    for item in others:
        kind = hints[item.name]
        if isinstance(kind, type) and issubclass(kind, TaughtStudent):
            given.append(kind(teacher=_teacher(task, folder / "teacher.safetensors")))
        elif kind is LoneStudent:
            given.append(LoneStudent())
        elif item.default is inspect.Parameter.empty:
            raise RecipeError(
                f"the recipe {recipe} needs {item.name}", remedy="Measure a recipe that has defaults for all else."
            )
    return function(task, *given)


def _task(kind: type[Task], trial: Trial, folder: Path) -> Task:
    """Faces or photos, drawn into a folder."""
    if kind is FaceTask and isinstance(trial.scale, Scale):
        return FaceTask(
            _draw(trial, folder / "faces"),
            preset=trial.preset,
            attention=trial.attention,
            sites=trial.sites,
            scale=trial.scale,
        )
    if kind is PhotoTask and isinstance(trial.scale, PhotoScale):
        photos = _draw_photos(trial, folder / "photos")
        return PhotoTask(photos, preset=trial.preset, attention=trial.attention, scale=trial.scale)
    raise RecipeError(
        f"a recipe for a {kind.__name__} cannot be measured with a {type(trial.scale).__name__}",
        remedy="Measure askd, base or teacher.",
    )


def batch_of(trial: Trial, size: int) -> Batch:
    """A batch of decoded faces, as the loader hands it out."""
    faces = trial.faces()
    pixels = np.stack([decode(faces[number % len(faces)], file="drawn faces", record=number) for number in range(size)])
    positions = torch.arange(size)
    return Batch(torch.from_numpy(pixels), positions % trial.classes, positions)


def _draw(trial: Trial, folder: Path) -> Path:
    faces = trial.faces()
    write_insightface(folder, ((faces[label % len(faces)], label) for label in range(trial.classes)), trial.classes)
    write_verification_bin(folder / "held.bin", pairs_of(faces, 2 * FOLDS))
    return folder


def _draw_photos(trial: Trial, folder: Path) -> Path:
    faces = trial.faces()
    for label in range(trial.classes):
        for part in ("train", "val"):
            write_image(folder / part / f"n{label:08d}" / "0.JPEG", faces[label % len(faces)])
    return folder


def pairs_of(faces: list[bytes], count: int) -> VerificationPairs:
    """Pairs in ten folds, every second one of a face with itself; each pair has two images of its own.

    Args:
        faces: encoded.
        count: of pairs, a multiple of twenty.
    """
    if count < 2 * FOLDS or count % (2 * FOLDS):
        raise RecipeError(f"{count} pairs cannot be dealt out to ten folds", remedy="Give 20, 40, 60, ...")
    number = np.arange(count)
    same = number % 2 == 0
    images = [faces[(index // 2 + (index % 2 if index // 2 % 2 else 0)) % len(faces)] for index in range(2 * count)]
    return VerificationPairs("held", images, 2 * number, 2 * number + 1, same, number * FOLDS // count)


def _teacher(task: Task, file: Path) -> Path:
    """A checkpoint of a network with random weights that the recipe accepts as its teacher."""
    recipe = "teacher" if isinstance(task, FaceTask) else "imagenet_teacher"
    made = find_recipe(recipe)(task)
    objective = made.objective
    card = {
        "version": __version__,
        "recipe": recipe,
        "arguments": {},
        "seed": 0,
        "network": describe(objective.network),
        "head": describe(objective.head),
        "views": describe(made.views),
        "classes": {"number": len(task.images.classes), "sha256": task.images.fingerprint()},
    }
    save_model(file, objective.state_dict(), card)
    return file
