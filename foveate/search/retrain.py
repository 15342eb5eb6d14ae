"""Training with the best settings on all identities."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from foveate.files import write_json
from foveate.search.search import MARK, Search
from foveate.search.trial import Trial
from foveate.study.runner import Say, Tell, work


def retrain(
    search: Search,
    best: Trial,
    *,
    tell: Tell = lambda progress: None,
    say: Say = lambda text: None,
    launch: Sequence[str] = (sys.executable, "-m", "foveate"),
) -> bool:
    """Run the recipe with the settings of the best trial and the flags of the search; interrupted, it goes on.

    Where the search was longer this time and another trial won, what the former winner gave is kept beside.

    Returns:
        Whether the run is finished.
    """
    job = search.best(best.settings)
    mark = job.folder / MARK
    if mark.is_file() and (former := json.loads(mark.read_text())["trial"]) != best.number:
        job.folder.rename(_free(search.out, f"{job.name}-was-{former:04}"))
    write_json(mark, {"trial": best.number, "settings": dict(best.settings)})
    return not work([job], search.out, tell=tell, say=say, launch=launch)


def _free(folder: Path, name: str) -> Path:
    """A path in the folder that nothing has yet."""
    taken = len([*folder.glob(f"{name}*")])
    return folder / (f"{name}-{taken}" if taken else name)
