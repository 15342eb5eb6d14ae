"""How much the public test sets hold, as their authors say: what a copy on disk can be compared with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, final

import numpy as np

from foveate.data.identification_set import DISTRACTOR, UNKNOWN, IdentificationSet
from foveate.data.pairs import VerificationPairs


@final
@dataclass(frozen=True)
class Counts:
    """Counts of a test set; None where none is known, or where it has no such thing.

    Attributes:
        pairs: pairs of images.
        same: of these, pairs of one person.
        folds: folds of the cross-validation.
        images: different images in the pairs; of an identification set all images.
        probes: images to be searched for.
        unmated: of these, probes of people who are not in the gallery.
        gallery: images to be searched in.
        distractors: of these, images of people who are in no probe.
        identities: people in the gallery who are also in probes.
    """

    pairs: int | None = None
    same: int | None = None
    folds: int | None = None
    images: int | None = None
    probes: int | None = None
    unmated: int | None = None
    gallery: int | None = None
    distractors: int | None = None
    identities: int | None = None


@final
@dataclass(frozen=True)
class Official:
    """What is known of a public test set.

    Attributes:
        title: its name in print.
        counts: of what is tested on.
        whole: of all the archive holds, beyond the test protocol, in words.
        source: where the numbers come from.
    """

    title: str
    counts: Counts
    whole: str
    source: str


def _pairs(each: int, images: int | None = None) -> Counts:
    """Ten folds of so many pairs of each kind."""
    return Counts(pairs=20 * each, same=10 * each, folds=10, images=images)


_TINYFACE: Final = (
    Counts(images=161_599, probes=3728, unmated=0, gallery=157_871, distractors=153_428, identities=2569),
    "169,403 images; 7,804 of 2,570 people for training",
    "qmul-tinyface.github.io; Cheng, Zhu and Gong, ACCV 2018",
)
_SCFACE: Final = Counts(images=780, probes=650, unmated=0, gallery=130, distractors=0, identities=130)

OFFICIAL: Final[Mapping[str, Official]] = {
    "lfw": Official(
        "LFW",
        _pairs(300, images=7701),
        "13,233 images of 5,749 people",
        "pairs.txt and README of vis-www.cs.umass.edu/lfw; the images are those its pairs name",
    ),
    "agedb_30": Official(
        "AgeDB-30",
        _pairs(300),
        "16,488 images of 568 people in AgeDB",
        "Moschoglou et al., CVPR Workshops 2017; 04_FINAL_protocol_30_years.mat",
    ),
    "cfp_fp": Official(
        "CFP-FP",
        _pairs(350),
        "10 frontal and 4 profile images of each of 500 people",
        "Readme.txt of cfp-dataset.zip (cfpw.io); Sengupta et al., WACV 2016",
    ),
    "cfp_ff": Official(
        "CFP-FF",
        _pairs(350),
        "10 frontal and 4 profile images of each of 500 people",
        "Readme.txt of cfp-dataset.zip (cfpw.io); Sengupta et al., WACV 2016",
    ),
    "calfw": Official(
        "CALFW",
        _pairs(300),
        "people of LFW at other ages",
        "whdeng.cn/CALFW, list of 19 September 2018; Zheng, Deng and Hu, arXiv 1708.08197",
    ),
    "cplfw": Official(
        "CPLFW",
        _pairs(300),
        "11,652 images of people of LFW in other poses",
        "whdeng.cn/CPLFW; Zheng and Deng, 2018",
    ),
    "tinyface": Official("TinyFace", *_TINYFACE),
    "tinyface_aligned": Official("TinyFace, aligned", *_TINYFACE),
    **{
        f"scface_d{distance}": Official(
            f"SCface, {metres} m",
            _SCFACE,
            "4,160 images of 130 people, with infrared cameras and poses",
            "scface.org; Grgic, Delac and Grgic, Multimedia Tools and Applications 2011: five cameras by day",
        )
        for distance, metres in ((1, "4.20"), (2, "2.60"), (3, "1.00"))
    },
    "survface_verification": Official(
        "QMUL-SurvFace, verification",
        Counts(pairs=10_640, same=5320, images=10_051),
        "463,507 images of 15,573 people by the official page; 220,890 of 5,319 people for training",
        "QMUL-SurvFace-v1.zip as downloaded (qmul-survface.github.io); the authors name no folds",
    ),
    "survface_identification": Official(
        "QMUL-SurvFace, identification",
        Counts(images=242_453, probes=182_159, unmated=121_736, gallery=60_294),
        "242,617 test images of 10,254 people by the official page, half of the images of 3,000 people as gallery",
        "counted in QMUL-SurvFace-v1.zip, which holds 164 images fewer than the page says",
    ),
}
"""By the names that readers give to the sets, which are also those of insightface's .bin files."""


def counted(each: VerificationPairs | IdentificationSet) -> Counts:
    """The same counts of a test set that was opened."""
    if isinstance(each, VerificationPairs):
        used = len(np.union1d(each.left, each.right))
        return Counts(len(each), int(each.same.sum()), len(np.unique(each.fold)), used)
    mates = np.setdiff1d(np.intersect1d(each.labels[each.probe], each.labels[each.gallery]), [DISTRACTOR, UNKNOWN])
    return Counts(
        images=len(each.images),
        probes=len(each),
        unmated=each.unmated,
        gallery=len(each.gallery),
        distractors=each.distractors,
        identities=len(mates),
    )


def deviations(each: VerificationPairs | IdentificationSet) -> dict[str, tuple[int, int]]:
    """Where a test set differs from the official counts of its name: what is official, and what was found.

    Nothing where it agrees, where nothing is known, or where no public test set has its name.
    """
    if each.name not in OFFICIAL:
        return {}
    known, found = asdict(OFFICIAL[each.name].counts), asdict(counted(each))
    return {
        key: (value, found[key])
        for key, value in known.items()
        if value is not None and found[key] is not None and value != found[key]
    }
