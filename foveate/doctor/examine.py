"""The whole examination of a data set."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, final

from foveate.data.folder import ImageFolder
from foveate.data.image_files import ImageFiles
from foveate.data.image_list import ImageList
from foveate.data.labelled import LabelledImages
from foveate.data.open import TestSet
from foveate.data.pairs import VerificationPairs
from foveate.doctor.duplicates import duplicates
from foveate.doctor.finding import Finding, gravest_first
from foveate.doctor.images import image_findings
from foveate.doctor.intact import manifest_findings
from foveate.doctor.labels import label_findings
from foveate.doctor.pictures import Pictures
from foveate.doctor.protocol import protocol_findings
from foveate.doctor.survey import Survey, Tell, survey
from foveate.doctor.together import Faces, people_of_test, people_of_training, together_findings
from foveate.doctor.write_manifest import contents_of
from foveate.errors import DataError

Stage = Callable[[str], Tell]
"""Is told the name of what begins, and gives whom to tell how far it is."""


@final
@dataclass(frozen=True)
class Examination:
    """What was looked at, and what was found.

    Attributes:
        sets: title and number of images of each set.
        findings: errors first.
    """

    sets: tuple[tuple[str, int], ...]
    findings: tuple[Finding, ...]

    def number(self, severity: str) -> int:
        """How many findings are of this severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Values for scripts."""
        return {
            "sets": [{"set": title, "images": images} for title, images in self.sets],
            "errors": self.number("error"),
            "warnings": self.number("warning"),
            "notes": self.number("note"),
            "findings": [asdict(finding) for finding in self.findings],
        }


def examine(path: Path, against: Sequence[Path] = (), stage: Stage | None = None) -> Examination:
    """Look at every image of a set, and compare a training set with the test sets beside it and others.

    Args:
        path: training images, test sets, or a folder with both.
        against: test sets that a network trained on these images shall be judged by; or training sets of people whom
            it must not know.
        stage: is told what is being looked at.

    Raises:
        DataError: a set cannot be opened at all.
    """
    tell = stage or (lambda name: lambda done, total: None)
    training, tests = contents_of(path)
    if against and training is None:
        remedy = "Name the training set first, and the test sets behind --against"
        raise DataError("there are no training images to compare with", file=path, remedy=remedy)
    found = manifest_findings(path, tell("digests"))
    sets: list[tuple[str, int]] = []
    ours: Faces | None = None
    if training is not None:
        pictures = Pictures.of_training(training)
        seen = survey(pictures, tell("training"))
        ours = Faces(pictures, seen, people_of_training(training))
        sets.append(("training", pictures.count))
        found += [*image_findings(pictures, seen), *label_findings(training)]
        found += duplicates(pictures, seen, training.labels)
    for test in tests:
        faces = _judge(test, path, tell, found)
        sets.append((test.name, faces.pictures.count))
        if ours is not None and not _is_of_the_same_files(training, test):
            found += together_findings(ours, faces)
    for faces in _others(against, tell, found):
        sets.append((faces.pictures.title, faces.pictures.count))
        assert ours is not None
        found += together_findings(ours, faces)
    return Examination(tuple(sets), tuple(gravest_first(found)))


def _is_of_the_same_files(training: LabelledImages | None, test: TestSet) -> bool:
    """Whether the pairs are of the very images beside them, as LFW's are."""
    files = isinstance(test, VerificationPairs) and isinstance(test.images, ImageFiles)
    return files and isinstance(training, ImageFolder | ImageList)


def _judge(test: TestSet, path: Path, tell: Stage, found: list[Finding]) -> Faces:
    """Look at a test set; what is wrong with it by itself is added to the findings."""
    pictures = Pictures.of_test(test, path)
    seen: Survey = survey(pictures, tell(test.name))
    found += [
        *protocol_findings(test),
        *image_findings(pictures, seen, any_size=not isinstance(test, VerificationPairs) or test.native),
    ]
    return Faces(pictures, seen, people_of_test(test))


def _others(paths: Sequence[Path], tell: Stage, found: list[Finding]) -> Iterator[Faces]:
    for path in paths:
        training, tests = contents_of(path)
        for test in tests:
            yield _judge(test, path, tell, found)
        if training is not None and not tests:
            pictures = Pictures.of_training(training, title=path.name)
            yield Faces(pictures, survey(pictures, tell(path.name)), people_of_training(training))
