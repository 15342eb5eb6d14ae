"""foveate search RECIPE: settings drawn by chance, judged on people held out of training."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import tyro

from foveate.commands.terminal import Bar, answer
from foveate.commands.words import at_dashes, words_of


@dataclass(frozen=True)
class Flags:
    """Search settings of a recipe: foveate search RECIPE [flags] -- [flags of "foveate train" for every run].

    Every trial draws its settings by chance and trains without some identities, on whom it is judged; no test set is
    looked at. The best settings are then trained on all identities and judged on the test sets. What is done is kept
    and what was interrupted goes on: the same command starts it again, and --trials may grow. For example:

    foveate search askd --vary weight=0.5:50:log --vary kinds=both,spatial -- --data faces --teacher T.safetensors

    Attributes:
        recipe: that is run ("foveate list" names them).
        vary: a flag of the recipe, and its values: weight=0.5:50:log, margin=0.2:0.6, epochs=5:20 (whole numbers), or
            kinds=both,spatial. Once for each.
        trials: how many.
        out: folder of the trials; by default runs/search-RECIPE.
        seed: of the settings that are drawn.
        measure: what makes a trial good: the area under the curve over all pairs of the images held out, or the
            accuracy in the authors' protocol.
        hold_out: share of the identities that trials hold out.
        trial_flags: further flags for trials alone, behind an equals sign: --trial-flags="--epochs 5".
        jobs: trials at a time; they share the processors.
        retrain: train the best settings on all identities, into OUT/best.
        json: print the answer as JSON.
    """

    recipe: tyro.conf.Positional[str]
    vary: tyro.conf.UseAppendAction[tuple[str, ...]]
    trials: int = 20
    out: Path | None = None
    seed: int = 0
    measure: Literal["auc", "accuracy"] = "auc"
    hold_out: float = 0.2
    trial_flags: str = ""
    jobs: int = 1
    retrain: bool = True
    json: Annotated[bool, tyro.conf.arg(name="json")] = False


def search(arguments: Sequence[str]) -> int:
    """Run the command with these arguments; what follows ``--`` goes to every run. 1 if the last training failed."""
    own, behind = at_dashes(arguments)
    flags = tyro.cli(Flags, prog="foveate search", args=own)
    from foveate.search.ledger import Ledger
    from foveate.search.run_trials import run_trials

    asked = _asked(flags, behind)
    ledger = Ledger(asked)
    with Bar(f"search {flags.recipe}") as bar:
        run_trials(
            ledger,
            flags.trials,
            at_once=flags.jobs,
            tell=lambda now: bar.share(now.done, _words(now)),
            say=bar.say,
        )
    return _conclude(flags, asked, ledger)


def _asked(flags: Flags, train_flags: tuple[str, ...]) -> Any:
    """The search; flags that its runs would not understand are said before anything is begun."""
    from foveate.chance import check_seed
    from foveate.commands.recipe_flags import parse_all
    from foveate.discover import recipe
    from foveate.errors import RecipeError
    from foveate.face_task import FaceTask
    from foveate.search.search import Search
    from foveate.search.trial import Trial
    from foveate.search.vary import Vary

    if flags.trials < 1 or flags.jobs < 1:
        raise RecipeError(f"{flags.trials} trials, {flags.jobs} at a time", remedy="Give one or more of each.")
    check_seed(flags.seed)
    kind = get_type_hints(recipe(flags.recipe))["task"]
    if flags.measure == "auc" and kind is not FaceTask:
        raise RecipeError(f"a {kind.__name__} has no pairs to take --measure auc of", remedy="Give --measure accuracy.")
    asked = Search(
        flags.recipe,
        flags.out or Path("runs") / f"search-{flags.recipe}",
        tuple(Vary.read(text) for text in flags.vary),
        train_flags,
        words_of(flags.trial_flags, "--trial-flags"),
        flags.seed,
        measure=flags.measure,
        hold_out=flags.hold_out,
    )
    for place in range(max(len(item.ends) for item in asked.vary)):
        settings = {item.name: item.ends[min(place, len(item.ends) - 1)] for item in asked.vary}
        parse_all(asked.trial(Trial(0, settings)).words[1:])
        if flags.retrain:
            parse_all(asked.best(settings).words[1:])
    return asked


def _conclude(flags: Flags, asked: Any, ledger: Any) -> int:
    """Write what was found, train the best settings on all identities, and write again; 1 if that training failed."""
    from foveate.errors import TrainingError
    from foveate.report.search import write_search
    from foveate.search.retrain import retrain
    from foveate.search.summary import summarise
    from foveate.search.trial import best_first

    trials = ledger.trials(flags.trials)
    text, files = write_search(asked.out, summarise(asked, trials))
    best = best_first(trials)[0]
    if best.value is None:
        raise TrainingError("no trial was finished", file=files[1], remedy="It holds what each of them said last.")
    finished = True
    if flags.retrain:
        with Bar("best") as bar:
            finished = retrain(asked, best, tell=lambda now: bar.share(now.done, ""), say=bar.say)
    found = summarise(asked, trials)
    text, files = write_search(asked.out, found)
    value = {**found, "files": [str(file) for file in files]}
    answer(value, as_json=flags.json, text="\n".join([text, *map(str, files)]))
    return 0 if finished else 1


def _words(now: Any) -> str:
    states = list(now.states.values())
    left = "" if now.seconds_left is None else f", {now.seconds_left / 3600:.1f} h left"
    return f" ({states.count('done')} of {len(states)} trials done{left})"
