"""Top-1 and top-5 of a network with its classifier on labelled photos, sharp or degraded."""

from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
import torch
from torch import nn

from foveate import distributed
from foveate.data.crop import Crop
from foveate.data.labelled import LabelledImages
from foveate.data.loader import in_order
from foveate.evaluate.classification import classification, places
from foveate.evaluate.embed import BATCH
from foveate.evaluate.evaluation import Evaluation
from foveate.heads.head import Head
from foveate.views import TwoViews


@final
@dataclass(frozen=True, eq=False)
class PhotoClassification(Evaluation):
    """Classify photos; ranks share the work.

    Attributes:
        images: labelled; their classes are those of the head.
        head: of the network that is asked, on its device.
        views: what the network sees.
        crop: gives photos their size.
        name: key of the answer.
        held_out: whether the images were kept out of the training photos, and are no test set; the answer says so.
    """

    images: LabelledImages
    head: Head
    views: TwoViews
    crop: Crop
    name: str
    held_out: bool = False

    def look(self) -> None:
        next(in_order(self.images, range(1), batch=1, framing=self.crop))

    def __call__(self, network: nn.Module) -> dict[str, Any]:
        """``top1`` and ``top5`` (shares from 0 to 1), and the number of images."""
        return self.detailed(network)[0]

    @torch.inference_mode()
    def detailed(self, network: nn.Module) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        device = next(network.parameters()).device
        found: list[np.ndarray] = []
        for pixels, label, _ in in_order(
            self.images, distributed.share(len(self.images)), batch=BATCH, framing=self.crop
        ):
            seen = self.views.see(pixels.to(device)).contiguous(memory_format=torch.channels_last)
            scores = self.head.logits(network(seen).float(), label.to(device), 1.0)
            found.append(places(scores.double().cpu().numpy(), label.numpy()))
        place = np.concatenate([part for parts in distributed.collected(found) for part in parts])
        known = {"degradation": self.views.degrade.title} | ({"held_out": True} if self.held_out else {})
        return {**asdict(classification(place)), **known}, {"place": place.astype(np.int32)}

    def headline(self, answer: dict[str, Any]) -> str:
        shares = f"top-1 {100 * answer['top1']:.2f} %, top-5 {100 * answer['top5']:.2f} %"
        return f"{self.name}: {shares} of {answer['images']:,} photos ({answer['degradation']})"
