"""Our own path as something to be timed: one training step, and one pass of inference.

Legend: B faces, D embedding size, H x W pixels.
"""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor, nn

from foveate.chance import integer
from foveate.experiment import Experiment
from foveate.precision import Precision, autocast
from foveate.views import Batch


def fast_step(
    experiment: Experiment, batch: Batch, *, device: torch.device | None = None, precision: Precision = "bf16"
) -> Callable[[], Float[Tensor, ""]]:
    """The training step of ``foveate.train`` over the same batch of decoded faces again and again.

    Views on the device, objective under autocast, gradient, clipping, optimiser; no loader, log or checkpoint.

    Args:
        experiment: what a recipe returned; its objective is moved to the device, channels last, and trained.
        batch: decoded faces.
        device: the CPU if absent.
        precision: of autocast.
    """
    place = device or torch.device("cpu")
    objective = experiment.objective.to(place).to(memory_format=torch.channels_last)
    trained = [value for value in objective.parameters() if value.requires_grad]
    optimiser = experiment.optimiser(iter(trained))
    done = 0

    def step() -> Float[Tensor, ""]:
        nonlocal done
        views = experiment.views(Batch(*(item.to(place) for item in batch)), seed=0, epoch=done)
        torch.manual_seed(integer("step", 0, done))
        with autocast(place, precision):
            losses = objective(views)
        optimiser.zero_grad()
        losses.total.backward()
        if experiment.clip is not None:
            torch.nn.utils.clip_grad_norm_(trained, experiment.clip)
        optimiser.step()
        done += 1
        return losses.total.detach()

    return step


def fast_inference(
    network: nn.Module, images: Float[Tensor, "B 3 H W"], *, precision: Precision = "bf16"
) -> Callable[[], Float[Tensor, "B D"]]:
    """The embedding of a batch, channels last, without gradients.

    Args:
        network: put into evaluation mode; its device is used.
        images: as the network sees them.
        precision: of autocast; ``foveate evaluate`` computes in float32.
    """
    device = next(network.parameters()).device
    network = network.to(memory_format=torch.channels_last).eval()
    seen = images.to(device).contiguous(memory_format=torch.channels_last)

    @torch.inference_mode()
    def infer() -> Float[Tensor, "B D"]:
        with autocast(device, precision):
            return network(seen).float()

    return infer
