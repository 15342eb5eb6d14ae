"""Identification of faces by a network: who of a gallery with many strangers is it? (docs/evaluation.md)

Legend: N images, Q probes, G gallery faces, D embedding size.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, Final, final

import numpy as np
from jaxtyping import Float
from torch import nn

from foveate.data.identification_set import IdentificationSet
from foveate.degrade.resize import Resize
from foveate.evaluate.at_rates import at_rates
from foveate.evaluate.bootstrap import interval
from foveate.evaluate.embed import decoded, embed, enlarging
from foveate.evaluate.evaluation import Evaluation
from foveate.evaluate.identification import Identification, identify
from foveate.evaluate.open_set import RANK, open_set
from foveate.evaluate.templates import templates
from foveate.views import FaceViews

RANKS: Final = (1, 5, 10, 20, 50)


@final
@dataclass(frozen=True)
class FaceIdentification(Evaluation):
    """Embed every image of a set, with its mirror image, and rank the gallery for each probe.

    The faces are small by nature, so they are enlarged to what the network takes and not degraded further.

    Attributes:
        faces: the set.
        views: what the network is used to; only colour order and value range are taken from it.
        size: side of the network's faces in pixels.
        name: key of the answer; there is one, however many degradations the network was trained on.
        resize: how images of another size are brought to that size.
    """

    faces: IdentificationSet
    views: FaceViews
    size: int
    name: str
    resize: Resize = "bicubic"

    def look(self) -> None:
        decoded(self.faces.images, 0, None, self.faces.name)

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """Shares of the probes found at ranks 1 to 50, and mAP, each with its 95 % interval; open-set rates; the same
        by one template for each person where the set asks for it."""
        return self.detailed(network)[0]

    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Beside the answer, for each probe: whom it shows, rank and score of its first mate, average precision, and
        the score of the stranger most like it; all by the images of the gallery."""
        faces, fit = self.faces, enlarging(network, self.size, self.resize)
        embeddings = fused(embed(network, faces.images, self.views.normalise, size=self.size, name=faces.name, fit=fit))
        people, gallery = faces.labels[faces.probe], faces.gallery
        found = identify(embeddings[faces.probe], embeddings[gallery], people, faces.labels[gallery])
        answer = {
            "set": faces.name,
            "probes": len(faces),
            "gallery": len(gallery),
            "distractors": faces.distractors,
            "resize": self.resize,
            **summary(found, people),
        }
        if faces.templates:
            means, whom = templates(embeddings[gallery], faces.labels[gallery])
            by_template = summary(identify(embeddings[faces.probe], means, people, whom), people)
            answer["by_template"] = {"templates": len(means), **by_template}
        arrays = {
            "person": people.astype(np.int32),
            "rank": found.rank.astype(np.int32),
            "average_precision": found.average_precision.astype(np.float32),
            "mate_score": found.mate_score.astype(np.float32),
            "stranger_score": found.stranger_score.astype(np.float32),
        }
        return answer, arrays

    def headline(self, answer: dict[str, Any]) -> str:
        first, area = answer["found_at_rank"]["1"], answer["mean_average_precision"]
        ranks = ", ".join(f"rank {rank} {100 * answer['found_at_rank'][rank]['mean']:.2f} %" for rank in ("5", "20"))
        rates = answer["open_set"]["found_at_false_positive_rate"]
        more = at_rates(f", TPIR{RANK}", rates, "FPIR") if self.faces.unmated else ""
        return (
            f"{answer['set']}: rank 1 {100 * first['mean']:.2f} % (95 % interval {100 * first['low']:.2f} to "
            f"{100 * first['high']:.2f}), {ranks}, mAP {100 * area['mean']:.2f} % "
            f"({answer['probes']:,} probes, {answer['gallery']:,} in the gallery)" + more
        )


def fused(embeddings: Float[np.ndarray, "N 2 D"]) -> Float[np.ndarray, "N D"]:
    """The embedding of a face and that of its mirror image become one: their mean, of any length.

    A-SKD's released code takes this mean; AdaFace (Kim, Jain and Liu, CVPR 2022) adds unit vectors, each weighed by the
    length it had. Both have the same direction, and only that counts in what follows.
    """
    return embeddings.mean(axis=1)


def summary(found: Identification, people: np.ndarray) -> dict[str, Any]:
    """A result as JSON values: shares from 0 to 1 over the mated probes, with intervals over whole people."""
    mated = found.mated
    bounded = partial(_bounded, groups=people[mated])
    # Where every probe has a mate, each is searched for a second time without its mates, as if it were unknown.
    unknown = found.stranger_score[~mated] if not mated.all() else found.stranger_score
    opened = open_set(found.mate_score[mated], found.rank[mated], unknown)
    return {
        "mated": int(mated.sum()),
        "found_at_rank": {f"{rank}": bounded(found.rank[mated] <= rank) for rank in RANKS},
        "mean_average_precision": bounded(found.average_precision[mated]),
        "open_set": {
            "unmated": "probes without mate" if not mated.all() else "every probe, without its mates",
            "found_at_false_positive_rate": {
                f"{rate:g}": share for rate, share in zip(opened.rates, opened.true_positive, strict=True)
            },
            "auc": opened.auc,
        },
    }


def _bounded(values: np.ndarray, groups: np.ndarray) -> dict[str, float]:
    found = interval(values.astype(np.float64), groups=groups)
    return {"mean": found.mean, "low": found.low, "high": found.high}
