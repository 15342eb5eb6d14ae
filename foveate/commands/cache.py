"""foveate cache RECIPE: keep what the teacher of a recipe says of every face."""

import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final

from foveate.commands.recipe_flags import parse_all
from foveate.commands.terminal import Bar, answer
from foveate.commands.train import build

_USAGE: Final = """usage: foveate cache RECIPE --data PATH --teacher MODEL --cache FOLDER [flags of foveate train]

Writes into FOLDER what the teacher says of every training face and of its mirror image: what the distillers of the
recipe compare (attention maps, or their logits) and the embedding, in float16. Size and time are said before it starts;
what was interrupted goes on. 'foveate train' with the same --cache then trains without asking the teacher, and makes
the cache itself where there is none. Recipes can be joined with + as for foveate train.
"""


def cache(arguments: Sequence[str]) -> None:
    """Run the command with these arguments."""
    from foveate.errors import RecipeError

    if not arguments or arguments[0] in ("-h", "--help"):
        sys.stdout.write(_USAGE)
        return
    plans = parse_all(arguments)
    if plans[0].flags.cache is None:
        raise RecipeError("no folder was named", remedy="Say where to keep the teacher's answers, with --cache FOLDER.")
    from foveate import distributed
    from foveate.cache import cached_teacher, plan_cache
    from foveate.memory import keep_freed_memory
    from foveate.precision import choose_device
    from foveate.run import Silent
    from foveate.teaching import sittings

    keep_freed_memory()
    found: list[dict[str, Any]] = []
    with distributed.joined(), Bar("cache") if distributed.is_first() else nullcontext(Silent()) as bar:
        device = distributed.local_device(choose_device(plans[0].flags.device))
        for sitting in sittings([build(plan, bar) for plan in plans], device):
            plan = plan_cache(sitting)
            made = cached_teacher(sitting)
            found.append(
                {"folder": str(made.folder), "bytes": plan.bytes, "rows": 2 * plan.images, "numbers_a_row": plan.width}
            )
        if not found:
            remedy = "Name a recipe that distils, and its --teacher."
            raise RecipeError(f"{plans[0].name} has no teacher", remedy=remedy)
        if distributed.is_first():
            text = "\n".join(f"{item['folder']}: {item['bytes'] / 2**20:.1f} MiB" for item in found)
            answer(found, as_json=plans[0].flags.json, text=text)
