"""What a table of results says, in a sentence, and how far it can be trusted."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from foveate.report.words import enumeration, percent

Row = Mapping[str, Any]
Of = Literal["pairs", "photos", "faces"]

_FEW: Final = 6
"""So many results a sentence can hold."""

_RIGHT: Final = {"pairs": "of pairs right", "photos": "of photos right", "faces": "average precision"}


def answer(sets: Sequence[Mapping[str, Any]], *, of: Of = "pairs") -> dict[str, Any]:
    """Put the first set into words.

    Args:
        sets: the tables of a summary.
        of: what they count, or of which they tell the average precision.

    Returns:
        ``sentence``, and ``remarks``: whether intervals overlap, what they are over, and how many seeds there were.
    """
    if not sets:
        return {"sentence": "No run has finished with a result on pairs or photos yet.", "remarks": []}
    rows = [row for row in sets[0]["rows"] if row["authors"]["mean"] is not None]
    sharp = [row for row in rows if row["degradation"] == "sharp"]
    students = _fullest_view([row for row in rows if row["degradation"] != "sharp"])
    if not rows:
        return {"sentence": f"No accuracy on {sets[0]['title']} is known.", "remarks": []}
    sentence = f"On {sets[0]['title']}"
    if students:
        view = students[0]["view"].partition(" (")[0]
        sentence += f" at {view}, {_results(students)} {_RIGHT[of]}"
    if sharp:
        results, what = _results(sharp), "faces" if of == "pairs" else "photos"
        sentence += f"; on sharp {what}, {results}" if students else f", on sharp {what}, {results} {_RIGHT[of]}"
    shown = [*students, *sharp]
    more = [f"{enumeration([item['title'] for item in sets[1:]])}: see the tables."] if len(sets) > 1 else []
    return {"sentence": f"{sentence}.", "remarks": [*_verdicts(students), *_footing(shown, of), *more]}


def _fullest_view(rows: Sequence[Row]) -> list[Row]:
    """The rows of the degradation with the most methods; of equals the last, which is the strongest."""
    views = list(dict.fromkeys(row["view"] for row in rows))
    counts = {view: sum(row["view"] == view for row in rows) for view in views}
    best = max(reversed(views), key=lambda view: counts[view], default=None)
    return [row for row in rows if row["view"] == best]


def _name(row: Row, among: Sequence[Row]) -> str:
    """The plain name where it is enough."""
    if sum(other["method"] == row["method"] for other in among) > 1:
        return row["label"]
    return "the teacher" if _short(row) == "teacher" else row["method"]


def _short(row: Row) -> str:
    """The recipe, without the kind of its task."""
    return row["recipe"].removeprefix("imagenet_").removeprefix("widerface_")


def _results(rows: Sequence[Row]) -> str:
    """What each gets, or of many methods Base and the best."""
    shown = list(rows)
    if len(rows) > _FEW:
        best = max(rows, key=lambda row: row["authors"]["mean"])
        shown = [row for row in rows if row is best or _short(row) == "base"]
    most = f", the most of {len(rows)} methods," if len(shown) < len(rows) else ""
    return enumeration([_result(row, rows) for row in shown]) + most


def _result(row: Row, among: Sequence[Row]) -> str:
    found = row["authors"]
    interval = "" if found["low"] is None else f" ({percent(found['low'], 1)} to {percent(found['high'], 1)})"
    return f"{_name(row, among)} gets {percent(found['mean'], 1)} %{interval}"


def _verdicts(students: Sequence[Row]) -> list[str]:
    """How Base and the others stand to each other: a sentence for all of whom the same can be said."""
    bases = [row for row in students if _short(row) == "base"]
    if len(bases) != 1:
        return []
    others: dict[str, list[Row]] = {}
    for row in students:
        if row is not bases[0]:
            others.setdefault(_standing(bases[0], row), []).append(row)
    return [_verdict(standing, bases[0], rows, students) for standing, rows in others.items()]


def _standing(base: Row, row: Row) -> str:
    """What the intervals say of a method: "unknown", "even", or that it is "ahead" or "behind"."""
    ours, theirs = row["authors"], base["authors"]
    if ours["low"] is None or theirs["low"] is None:
        return "unknown"
    if ours["low"] <= theirs["high"] and theirs["low"] <= ours["high"]:
        return "even"
    return "ahead" if ours["mean"] > theirs["mean"] else "behind"


def _verdict(standing: str, base: Row, rows: Sequence[Row], among: Sequence[Row]) -> str:
    names, other = enumeration([_name(row, among) for row in rows]), _name(base, among)
    if standing == "unknown":
        return f"There is no interval to tell {names} from {other} by."
    if standing == "even":
        return f"The intervals of {names} overlap that of {other}: these runs do not settle which is better."
    alone = [_name(row, among) for row in (*rows, base) if row["authors"]["interval"] == "pairs"]
    but = f", but {enumeration(alone)} ran with one seed only, and another seed may tell otherwise" if alone else ""
    verb = "is" if len(rows) == 1 else "are"
    return f"{names} {verb} {standing} {'of ' if standing == 'ahead' else ''}{other} without overlap of intervals{but}."


def _footing(rows: Sequence[Row], of: str) -> list[str]:
    single = [row for row in rows if len(row["seeds"]) == 1]
    counts = sorted({len(row["seeds"]) for row in rows if len(row["seeds"]) > 1})
    if single and all(row["authors"]["low"] is None for row in single):
        names = "" if len(single) == len(rows) else f" of {enumeration([_name(row, rows) for row in single])}"
        return [f"There is only one seed{names}, so how much another training run would differ is not known."]
    if not single:
        return [f"In brackets: 95 % intervals over {enumeration([str(count) for count in counts])} seeds."]
    over_pairs = f"In brackets: 95 % intervals over the {of} of the set"
    if len(single) == len(rows):
        return [f"{over_pairs}. There is only one seed, so how much another training run would differ is not known."]
    names = enumeration([_name(row, rows) for row in single])
    return [f"{over_pairs} for {names}, with one seed only; over seeds for the others."]
