"""What came of a folder of photos, in numbers."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from foveate.align.record import PhotoRecord

MOST_UNREADABLE: Final = 0.05
"""Share of photos that may be damaged before the whole folder is taken for damaged."""


def summarise(
    records: Iterable[PhotoRecord], others: Mapping[str, int], names: Collection[str] | None = None
) -> dict[str, Any]:
    """Count photos, crops and problems.

    Args:
        records: of all photos.
        others: how many files were no photos, by their ending.
        names: the photos that are there; None where all are.

    Returns:
        ``photos``; ``crops``, and how many of each kind in ``crops_by_kind``; ``dropped``: photos without any crop;
        ``unreadable``: those of them that could not be read; ``several_faces``: photos in which more than one face was
        found; ``problems``: how often each was met; ``other_files``: by their ending; ``gone``: crops of photos that
        were there before and are not any more.
    """
    records = list(records)
    crops = [crop for record in records for crop in record.crops]
    problems = Counter(problem for record in records for problem in record.problems)
    return {
        "photos": len(records),
        "crops": len(crops),
        "crops_by_kind": dict(sorted(Counter(crop.how for crop in crops).items())),
        "dropped": sum(not record.crops for record in records),
        "unreadable": sum(record.unreadable for record in records),
        "several_faces": sum((record.faces or 0) > 1 for record in records),
        "problems": dict(problems.most_common()),
        "other_files": dict(others),
        "gone": [
            crop.file for record in records if names is not None and record.photo not in names for crop in record.crops
        ],
    }
