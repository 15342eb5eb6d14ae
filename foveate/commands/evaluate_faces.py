"""foveate evaluate, of models that recognise faces."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.markup import escape

from foveate.commands.judged import ask_all, square, views_of
from foveate.commands.terminal import console

if TYPE_CHECKING:
    from foveate.commands.evaluate import Flags


def judge(flags: "Flags") -> None:
    """Ask models about pairs of faces and about galleries."""
    from foveate.data.open import may_hold_tests, open_all_test_sets
    from foveate.data.pairs import sharp_pairs
    from foveate.doctor.comparable import Comparable
    from foveate.evaluate.agreement import agreements_on_pairs
    from foveate.evaluate.face_evaluations import face_evaluations
    from foveate.model_file import load_model
    from foveate.precision import choose_device

    place = choose_device(flags.device)
    sets, rest = open_all_test_sets([path for path in flags.data if may_hold_tests(path)]), ()
    if not sets:
        sets, rest = _held_out(flags.data, flags.hold_out)
    elif flags.data[1:]:  # of several each must hold one
        sets = open_all_test_sets(flags.data, must=flags.data)
    pairs = sharp_pairs(sets)
    _check_flags(flags, bool(pairs), bool(rest))
    modes: tuple[Any, ...] = tuple(dict.fromkeys(each.upper() for each in flags.mode))
    comparables = [Comparable(each, flags.data[0]) for each in sets]
    guide = None if flags.teacher is None else load_model(flags.teacher)
    todo: list[tuple[Path, list[Any], Any]] = []
    for path in flags.models:
        model = load_model(path)
        views = views_of(model, flags, square(model.network.size))
        _warn_of_other_faces(path, model.card, comparables)
        if rest and model.card["classes"]["sha256"] not in rest:
            console.print(
                f"[bold red]WARNING[/]: {escape(f'{path} was not trained on the rest of {flags.data[0]}')}, so it may "
                "have learnt the very people it is judged on. Name a test set of other people."
            )
        if not rest:
            _warn_of_training_people(path, model.card, flags.data)
        network, own = model.network, "nearest" if model.views.preset == "released" else "bicubic"
        way: Any = own if flags.resize == "as preset" else flags.resize
        evaluations: list[Any] = [*face_evaluations(sets, views, network.size, modes=modes, resize=way)]
        if guide is not None:
            _check_colour(guide, views, path)
            looks = guide.network.to(place)
            evaluations += [one for each in pairs[:1] for one in agreements_on_pairs(each, looks, views, network.size)]
        todo.append((path, evaluations, network))
    ask_all(todo, flags, place)


def _check_flags(flags: "Flags", pairs: bool, held_out: bool) -> None:
    """Refuse flags that say nothing to the sets there are."""
    from foveate.errors import DataError, RecipeError

    if flags.teacher is not None and not pairs:
        raise DataError(
            "attention maps are compared on pairs of sharp faces, and there are none",
            file=flags.data[0],
            remedy="Add a verification set, or leave --teacher out.",
        )
    of_pairs = {"ratio": flags.ratio, "side": flags.side, "mode": flags.mode != ("lr-lr",)}
    of_pairs["preset"] = flags.preset != "as trained"
    idle = [] if pairs else [f"--{name}" for name, given in of_pairs.items() if given]
    idle += ["--hold-out"] if flags.hold_out != type(flags).hold_out and not held_out else []
    if idle:
        problem = f"{idle[0]} says nothing to the test sets there are"
        raise RecipeError(problem, file=flags.data[0], remedy="Leave it out, or name sets of sharp pairs.")


def _held_out(data: tuple[Path, ...], share: float) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """Pairs of the people that training on these data kept out, and what tells the sets of all others."""
    from foveate.data.open import open_training_set
    from foveate.data.split import hold_out
    from foveate.errors import DataError, RecipeError

    if not 0 < share < 1:
        raise RecipeError(f"--hold-out is {share}", remedy="Give the share that training held out, between 0 and 1.")
    try:
        images = [open_training_set(path) for path in data]
    except DataError as error:
        remedy = (
            "Give .bin files, a folder with LFW's pairs.txt or laid out as another set of docs/data.md, or the data of "
            "a training with people held out"
        )
        raise DataError(f"there are no test sets ({error.problem})", file=data[0], remedy=remedy) from error
    parts = [hold_out(each, share=share) for each in images]
    names = [held.name for _, held in parts]
    twice = next((path for path, name in zip(data, names, strict=True) if names.count(name) > 1), None)
    if twice is not None:
        raise DataError("two sets are called alike", file=twice, remedy="Rename one of the folders, or name one alone.")
    return tuple(held for _, held in parts), tuple(kept.fingerprint() for kept, _ in parts)


def _warn_of_other_faces(path: Path, card: dict[str, Any], tests: Sequence[Any]) -> None:
    for test in tests:
        for finding in test.differences(card):
            console.print(f"[bold red]WARNING[/]: {escape(f'{path}: {finding.found}')}. {finding.why}")


def _warn_of_training_people(path: Path, card: dict[str, Any], data: tuple[Path, ...]) -> None:
    """A folder of identities with pairs of its own (LFW's) may be what the model was trained on."""
    from foveate.data.folder import ImageFolder
    from foveate.data.image_list import ImageList
    from foveate.data.open import open_training_set
    from foveate.data.split import hold_out
    from foveate.errors import DataError

    for each in data:
        known = set[str]()
        with suppress(DataError):  # it holds no training images, or too few people to hold any out
            images = open_training_set(each)
            if not isinstance(images, ImageFolder | ImageList):
                continue
            known.add(images.fingerprint())
            known.add(hold_out(images, share=card["arguments"].get("hold_out", 0.1))[0].fingerprint())
        if card["classes"]["sha256"] in known:
            console.print(f"[bold red]WARNING[/]: {escape(f'{path} was trained on people of {each}')}")


def _check_colour(teacher: Any, views: Any, file: Path) -> None:
    from foveate.errors import RecipeError

    if teacher.views.channels != views.channels:
        raise RecipeError(
            f"the teacher sees {teacher.views.channels}, the model {views.channels}",
            file=file,
            remedy="Compare models trained under one --preset.",
        )
