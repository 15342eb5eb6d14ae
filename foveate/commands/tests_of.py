"""Which test sets to ask a model about."""

from pathlib import Path
from typing import Any


def tests_of(model: Any, data: tuple[Path, ...], *, file: Path) -> tuple[Any, ...]:
    """The test sets that were named, or else those that the model was trained beside.

    Args:
        model: a ``foveate.model_file.Model``.
        data: what was named.
        file: the model's, for messages.

    Raises:
        DataError: as ``open_all_test_sets``; or nothing was named, and the model's weights come from elsewhere.
    """
    from foveate.data.open import open_all_test_sets
    from foveate.errors import DataError

    known = model.card["arguments"]
    if not data and "data" not in known:
        remedy = "Name test sets with --data."
        raise DataError("its weights were imported, so it knows no data of its own", file=file, remedy=remedy)
    return open_all_test_sets(data or (Path(known["data"]), *map(Path, known["test"])))
