"""A-SKD of vision transformers: where tokens look, with logit distillation (not in the paper)."""

import torch

from foveate.backbones.timm import TimmNetwork
from foveate.distill.kd import LogitKD
from foveate.distill.matched import Match
from foveate.distill.self_attention import Heads, SelfAttentionSimilarity, Tokens
from foveate.errors import RecipeError
from foveate.experiment import Experiment
from foveate.objective import Weighted
from foveate.photo_task import PhotoTask
from foveate.student import TaughtStudent


def imagenet_vit_askd(
    task: PhotoTask,
    student: TaughtStudent,
    *,
    weight: float = 5.0,
    tokens: Tokens = "both",
    heads: Heads = "each",
    match: Match = "block",
    kd_weight: float = 1.0,
    temperature: float = 4.0,
) -> Experiment:
    """Train a vision transformer on low-resolution photos with the similarity of its self-attention, and logits.

    ``foveate train imagenet_vit_askd --data DATA --ratio R --teacher T``. No study has run it yet.

    For example: --backbone timm --model vit_tiny_patch16_224 --attention none, for the teacher (imagenet_teacher) too.

    Args:
        task: data and size.
        student: what it sees, and its teacher.
        weight: of the attention loss.
        tokens: whose maps are compared: the "class" token's, every "patch"'s, or "both".
        heads: "each" head's map, or the "mean" of all heads.
        match: which maps are paired: those of one "block", or the last of each "stage" (a quarter of the blocks).
        kd_weight: of the logit loss; 0 for attention alone.
        temperature: T of the logit loss.
    """
    with torch.device("meta"):  # nothing is drawn, so the student begins as that of any other recipe
        network = task.network()
    if not isinstance(network, TimmNetwork):
        remedy = "For example --backbone timm --model vit_tiny_patch16_224 --attention none."
        raise RecipeError(f"{task.scale.backbone} is no transformer of timm", remedy=remedy)
    before = {"prefix": network.prefix, "has_class": network.has_class}
    method = SelfAttentionSimilarity(tokens, heads=heads, match=match, **before)
    distillers = {"askd": Weighted(method, weight), "kd": Weighted(LogitKD(temperature), kd_weight)}
    return student.taught(task, distillers)
