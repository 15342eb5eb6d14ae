"""foveate data check PATH: what is wrong with a data set, before it is trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import tyro

from foveate.commands.terminal import Bar, answer

if TYPE_CHECKING:
    from foveate.doctor.examine import Examination
    from foveate.doctor.finding import Finding
    from foveate.doctor.survey import Tell


def check(
    path: tyro.conf.Positional[Path],
    /,
    *,
    against: tuple[Path, ...] = (),
    strict: bool = False,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> int:
    """Look at every image and every label, and say what would spoil a training or make its numbers false.

    Checked are: images that cannot be decoded, are blank, or are not of 112 x 112 pixels; colour order; alignment;
    copies, byte for byte or nearly so; identities with one image, and class numbers left out; test protocols (official
    counts, balance, folds, repeated pairs); people and images shared by training and test; and the manifest's digests.

    The exit code is 0 if the set is safe to train on, 1 if there are warnings and --strict is given, 2 if there are
    errors.

    Args:
        path: training images, test sets, or a folder with both, which are then compared.
        against: test sets that shall judge what is trained on these images; or images of people it must not know.
        strict: warnings count too.
        as_json: print the findings as JSON.
    """
    from foveate.doctor.examine import examine

    with Bar("check") as bar:

        def stage(name: str) -> "Tell":
            bar.begin(name)
            return lambda done, total: bar.step(done, total, None)

        found = examine(path, against, stage)
    code = 2 if found.number("error") else int(strict and found.number("warning") > 0)
    answer({"path": str(path), "exit_code": code, **found.as_json()}, as_json=as_json, text=_words(path, found))
    return code


def _words(path: Path, found: "Examination") -> str:
    lines = [f"{path}: {', '.join(f'{title} ({images:,} images)' for title, images in found.sets)}", ""]
    for finding in found.findings:
        lines += _paragraph(finding)
    numbers = {kind: found.number(kind) for kind in ("error", "warning", "note")}
    said = ", ".join(f"{number} {kind}{'s' * (number != 1)}" for kind, number in numbers.items())
    verdict = "not safe to train on" if numbers["error"] else "safe to train on"
    if "training" not in {title for title, _ in found.sets}:
        sound = "not sound" if numbers["error"] else "sound"
        verdict = (
            f"no training images were looked at, for there are none in this very folder; the test sets are {sound}"
        )
    return "\n".join([*lines, f"{verdict}: {said}"])


def _paragraph(finding: "Finding") -> list[str]:
    lines = [f"{finding.severity.upper()} {finding.kind}: {finding.found}."]
    lines += [f"    {example}" for example in finding.examples]
    return [*lines, f"  Why it matters: {finding.why}", f"  What to do: {finding.remedy}", ""]
