"""foveate evaluate MODEL... --data PATH...: judge trained models."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import tyro


@dataclass(frozen=True)
class Flags:
    """Judge models: pairs of faces by 10-fold accuracy in both protocols, AUC, EER and TAR at FAR, searches by ranks,
    mAP and open-set rates; photos of objects by top-1 and top-5; detectors by average precision.

    A model sees images as it was trained to, unless a degradation is named here; another preset than its own is
    evaluated with a warning. The small faces of TinyFace, SCface and QMUL-SurvFace are enlarged and not degraded. Where
    the training set had a manifest, there is a warning for test faces that stand elsewhere or have red and blue
    swapped.

    Attributes:
        models: model.safetensors files, or folders of runs; or, of any detector, folders with its boxes in WIDER FACE's
            text format (event/photo.txt).
        data: test sets: .bin files, or folders with *.bin, or laid out as LFW, AgeDB, CFP, CALFW, CPLFW, TinyFace,
            SCface or QMUL-SurvFace is. Of training data without pairs the people that training held out are paired as
            they were then. Models that classify photos take a folder with val or test in it, or with classes alone;
            detectors take WIDER FACE, CMU+MIT, or a text of boxes (docs/detection.md).
        preset: degradation preset.
        ratio: down-sampling ratio, in place of the model's own; 1 is sharp.
        side: side of the small image in pixels, in place of a ratio.
        mode: of pairs: which photo is degraded: both, the second alone (a passport photo against a camera), or
            neither; several are judged one by one.
        resize: how faces that are smaller than the network's are enlarged; "as preset": bicubic for a model of the
            preset paper, nearest for one of released.
        teacher: a model whose attention maps on sharp faces the models' maps are compared with.
        zoom: of detectors: further looks at each photo, this many times as large; the looks vote. 1 is the photo as the
            model takes it.
        mirror: of detectors: look at mirror images, too.
        hold_out: of faces: share of the identities that training held out. Models of photos know theirs.
        device: auto, cpu, cuda, ...
        out: also write the answers to this JSON file.
        json: print the answers as JSON.
    """

    models: tyro.conf.Positional[tuple[Path, ...]]
    data: tuple[Path, ...]
    preset: Literal["as trained", "paper", "released"] = "as trained"
    ratio: tuple[int, ...] = ()
    side: tuple[int, ...] = ()
    mode: tuple[Literal["lr-lr", "hr-lr", "hr-hr"], ...] = ("lr-lr",)
    resize: Literal["as preset", "bicubic", "nearest"] = "as preset"
    teacher: Path | None = None
    zoom: tuple[float, ...] = (1.0,)
    mirror: bool = False
    hold_out: float = 0.1
    device: str = "auto"
    out: Path | None = None
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


KINDS: Final = {"FaceViews": "faces", "PhotoViews": "photos", "SceneViews": "detectors"}
"""What models judge, by what they see: the end of the name of the file with their part of this command."""


OWN: Final = {
    "mode": "faces",
    "resize": "faces",
    "teacher": "faces",
    "zoom": "detectors",
    "mirror": "detectors",
    "hold_out": "faces",
}
"""Flags that one kind of model has alone."""


def evaluate(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    flags = tyro.cli(Flags, prog="foveate evaluate", args=list(arguments))
    from importlib import import_module

    from foveate.errors import DataError, RecipeError
    from foveate.memory import keep_freed_memory

    if not flags.models:
        raise DataError("no model was named", remedy="Name one or more model.safetensors that 'foveate train' wrote.")
    if flags.out is not None and flags.out.is_dir():
        raise DataError("it is a folder", file=flags.out, remedy="Name the JSON file to write.")
    keep_freed_memory()
    kinds = {path: _kind(path) for path in flags.models}
    other = next((path for path, kind in kinds.items() if kind != kinds[flags.models[0]]), None)
    if other is not None:
        problem = f"it is of {kinds[other]}, and {flags.models[0]} of {kinds[flags.models[0]]}"
        raise DataError(problem, file=other, remedy="Evaluate it alone.")
    for name, owner in OWN.items():
        given = getattr(flags, name) != getattr(Flags, name)
        if given and owner != kinds[flags.models[0]]:
            problem = f"--{name.replace('_', '-')} says nothing to models of {kinds[flags.models[0]]}"
            raise RecipeError(problem, file=flags.models[0], remedy="Leave it out.")
    import_module(f"foveate.commands.evaluate_{kinds[flags.models[0]]}").judge(flags)


def _kind(path: Path) -> str:
    """What is judged."""
    from foveate.commands.evaluate_detections import holds_detections
    from foveate.model_file import read_card

    if holds_detections(path):
        return "detections"
    return KINDS.get(str(read_card(path)["views"].get("call", "")).rpartition(":")[2], "faces")
