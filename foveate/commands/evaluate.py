"""foveate evaluate MODEL... --data PATH...: judge trained models."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro
from rich.markup import escape

from foveate.commands.terminal import answer, console


def evaluate(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    tyro.cli(judge, prog="foveate evaluate", args=list(arguments))


def judge(
    models: tyro.conf.Positional[tuple[Path, ...]],
    /,
    *,
    data: tuple[Path, ...],
    preset: Literal["as trained", "paper", "released"] = "as trained",
    ratio: tuple[int, ...] = (),
    side: tuple[int, ...] = (),
    mode: tuple[Literal["lr-lr", "hr-lr", "hr-hr"], ...] = ("lr-lr",),
    resize: Literal["as preset", "bicubic", "nearest"] = "as preset",
    teacher: Path | None = None,
    hold_out: float = 0.1,
    device: str = "auto",
    out: Path | None = None,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Judge models: 10-fold accuracy in both protocols, AUC, EER, TAR at FAR of pairs; ranks, mAP and open-set rates.

    A model sees pairs of faces as it was trained to, unless a degradation is named here; another preset than its own is
    evaluated with a warning. The small faces of TinyFace, SCface and QMUL-SurvFace are enlarged and not degraded. Where
    the training set had a manifest, there is a warning for test faces that stand elsewhere or have red and blue
    swapped.

    Args:
        models: model.safetensors files, or folders of runs.
        data: test sets: .bin files, or folders with *.bin, or laid out as LFW, AgeDB, CFP, CALFW, CPLFW, TinyFace,
            SCface or QMUL-SurvFace is. Of training data without pairs the people that training held out are paired as
            they were then. Models that classify photos take a folder with val or test in it, or with classes alone.
        preset: degradation preset.
        ratio: down-sampling ratio, in place of the model's own; 1 is sharp.
        side: side of the small face in pixels, in place of a ratio.
        mode: which photo of each pair is degraded: both, the second alone (a passport photo against a camera), or
            neither; several are judged one by one.
        resize: how faces that are smaller than the network's are enlarged; "as preset": bicubic for a model of the
            preset paper, nearest for one of released.
        teacher: a model whose attention maps on sharp faces the models' maps are compared with.
        hold_out: share of the identities that training held out.
        device: auto, cpu, cuda, ...
        out: also write the answers to this JSON file.
        as_json: print the answers as JSON.
    """
    from foveate.data.open import open_all_test_sets
    from foveate.data.pairs import sharp_pairs
    from foveate.doctor.comparable import Comparable
    from foveate.errors import DataError
    from foveate.evaluate.agreement import agreements_on_pairs
    from foveate.evaluate.face_evaluations import face_evaluations
    from foveate.memory import keep_freed_memory
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    if not models:
        raise DataError("no model was named", remedy="Name one or more model.safetensors that 'foveate train' wrote.")
    keep_freed_memory()
    place = choose_device(device)
    if _of_photos(models):
        _judge_photos(models, data, preset=preset, ratio=ratio, side=side, place=place, out=out, as_json=as_json)
        return
    sets, rest = open_all_test_sets(data), ()
    if not sets:
        sets, rest = _held_out(data, hold_out)
    pairs = sharp_pairs(sets)
    modes: tuple[Any, ...] = tuple(dict.fromkeys(each.upper() for each in mode))
    if teacher is not None and not pairs:
        raise DataError(
            "attention maps are compared on pairs of sharp faces, and there are none",
            file=data[0],
            remedy="Add a verification set, or leave --teacher out.",
        )
    way = None if resize == "as preset" else resize
    comparables = [Comparable(each, data[0]) for each in sets]
    guide = None if teacher is None else load_model(teacher)
    answers: dict[str, Any] = {}
    for path in models:
        model = load_model(path)
        views = _views(model, preset, ratio, side)
        _warn_of_other_faces(path, model.card, comparables)
        if rest and model.card["classes"]["sha256"] not in rest:
            console.print(
                f"[bold red]WARNING[/]: {escape(f'{path} was not trained on the rest of {data[0]}')}, so it may have "
                "learnt the very people it is judged on. Name a test set of other people."
            )
        network = model.network.to(place)
        evaluations: list[Any] = [*face_evaluations(sets, views, network.size, modes=modes, resize=way)]
        if guide is not None:
            _check_colour(guide, views, path)
            looks = guide.network.to(place)
            evaluations += [one for each in pairs[:1] for one in agreements_on_pairs(each, looks, views, network.size)]
        answers[str(path)] = _ask(path, evaluations, network, as_json)
    _conclude(answers, out, as_json)


def _ask(path: Path, evaluations: Sequence[Any], network: Any, as_json: bool) -> dict[str, Any]:
    """Ask one model, and print what each evaluation found."""
    found = {}
    for evaluation in evaluations:
        found[evaluation.name] = evaluation(network)
        line = f"{path}: {evaluation.headline(found[evaluation.name])}"
        if as_json:
            console.print(line, markup=False)
        else:
            answer(found[evaluation.name], as_json=False, text=line)
    return found


def _conclude(answers: dict[str, Any], out: Path | None, as_json: bool) -> None:
    from foveate.files import finite, write_json

    if out is not None:
        write_json(out, answers)
    if as_json:
        answer(finite(answers), as_json=True, text="")


def _of_photos(models: tuple[Path, ...]) -> bool:
    """Whether the models classify photos of objects."""
    from foveate.errors import DataError
    from foveate.model_file import read_card

    kinds = {path: str(read_card(path)["views"].get("call", "")).endswith(":PhotoViews") for path in models}
    if len({*kinds.values()}) > 1:
        photos = next(path for path, kind in kinds.items() if kind)
        raise DataError("it classifies photos, and other models see faces", file=photos, remedy="Evaluate it alone.")
    return all(kinds.values())


def _judge_photos(
    models: tuple[Path, ...],
    data: tuple[Path, ...],
    *,
    preset: str,
    ratio: tuple[int, ...],
    side: tuple[int, ...],
    place: Any,
    out: Path | None,
    as_json: bool,
) -> None:
    """Top-1 and top-5 on the photos to test on, or on all where a folder holds classes alone."""
    from foveate.data.photo_crops import CentreCrop
    from foveate.errors import DataError
    from foveate.evaluate.photos import PhotoClassification
    from foveate.model_file import load_model

    answers: dict[str, Any] = {}
    for path in models:
        model = load_model(path)
        sets = {folder.resolve().name: _photos(folder, model.card) for folder in data}
        known, views = model.card["classes"]["number"], _views(model, preset, ratio, side)
        crop = CentreCrop(model.network.size, model.card["arguments"]["scale"]["share"])
        for images in sets.values():
            if len(images.classes) != known:
                problem = f"the photos have {len(images.classes)} classes, the model {path} knows {known}"
                raise DataError(problem, file=images.path, remedy="Give the classes that it was trained on.")
        head = model.head.to(place)
        asked = [PhotoClassification(images, head, views, crop, name) for name, images in sets.items()]
        answers[str(path)] = _ask(path, asked, model.network.to(place), as_json)
    _conclude(answers, out, as_json)


def _held_out(data: tuple[Path, ...], share: float) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Pairs of the people that training on these data kept out, and what tells the sets of all others."""
    from foveate.data.open import open_training_set
    from foveate.data.split import hold_out
    from foveate.errors import DataError

    try:
        images = [open_training_set(path) for path in data]
    except DataError as error:
        remedy = (
            "Give .bin files, a folder with LFW's pairs.txt or laid out as another set of docs/data.md, or the data of "
            "a training with people held out"
        )
        raise DataError(f"there are no test sets ({error.problem})", file=data[0], remedy=remedy) from error
    parts = [hold_out(each, share=share) for each in images]
    return tuple(held for _, held in parts), tuple(kept.fingerprint() for kept, _ in parts)


def _warn_of_other_faces(path: Path, card: dict[str, Any], tests: Sequence[Any]) -> None:
    for test in tests:
        for finding in test.differences(card):
            console.print(f"[bold red]WARNING[/]: {escape(f'{path}: {finding.found}')}. {finding.why}")


def _check_colour(teacher: Any, views: Any, file: Path) -> None:
    from foveate.errors import RecipeError

    if teacher.views.channels != views.channels:
        raise RecipeError(
            f"the teacher sees {teacher.views.channels}, the model {views.channels}",
            file=file,
            remedy="Compare models trained under one --preset.",
        )


def _photos(folder: Path, card: dict[str, Any]) -> Any:
    """The photos of a folder to judge a model on: those it brings for that, or those the model's training held out."""
    from foveate.data.photos import hold_out_photos, open_photos

    images, tests = open_photos(folder)
    if tests is not None:
        return tests
    counts = [int((images.labels == number).sum()) for number in range(len(images.classes))]
    if len(counts) == card["classes"]["number"] and min(counts) > 1:
        kept, held = hold_out_photos(images, share=float(card["arguments"].get("hold_out", 0.1)))
        if kept.fingerprint() == card["classes"]["sha256"]:
            return held
    if images.fingerprint() == card["classes"]["sha256"]:
        console.print(f"[bold red]WARNING[/]: the model was trained on these photos: {escape(str(folder))}")
    return images


def _views(model: Any, preset: str, ratio: tuple[int, ...], side: tuple[int, ...]) -> Any:
    """The model's own views, with another degradation where one is named."""
    from foveate.degrade.preset import degradation
    from foveate.errors import RecipeError

    own = model.views
    trained = own.preset
    if not ratio and not side:
        if preset not in ("as trained", trained):
            raise RecipeError("a preset needs a size", remedy="Add --ratio 8, or --side 14.")
        return own
    named = trained if preset == "as trained" else preset
    degrade = degradation(
        "released" if named == "released" else "paper", ratio=ratio, side=side, size=model.network.size
    )
    if trained != named:
        console.print(
            f"[bold red]WARNING[/]: the model was trained under the preset '{trained}' ('{own.degrade.title}') and is "
            f"judged under '{named}' ('{degrade.title}'): the number is no fair one."
        )
    return own.with_degradation(degrade)
