"""Two processes have the gradients and the loss of one with a detector, whose loss is divided by all faces' anchors."""

import runpy
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

SCRIPT = """
import sys

import torch
from safetensors.torch import save_file
from torch.nn.parallel import DistributedDataParallel

from foveate import distributed
from foveate.detect.criterion import Detection
from foveate.detect.tinaface import TinaFace
from foveate.distill.askd import AttentionSimilarity
from foveate.objective import Objective, Weighted
from foveate.teacher import LiveTeacher
from foveate.views import Views

PHOTOS = 3  # two and one


def network(seed):
    torch.manual_seed(seed)
    return TinaFace(18, width=4, deformable=(), channels=8, tower=1)


def views(part):
    generator = torch.Generator().manual_seed(0)
    high, low = (torch.randn(PHOTOS, 3, 96, 96, generator=generator) for _ in range(2))
    boxes = torch.full((PHOTOS, 2, 4), torch.nan)
    boxes[0] = torch.tensor([[10.0, 12, 40, 52], [50, 40, 80, 80]])
    boxes[2, 0] = torch.tensor([20.0, 20, 36, 41])
    part = slice(part.start, part.stop)
    return Views(high[part], (high + low)[part], boxes[part])


def main():
    objective = Objective(network(0), Detection(96), distillers={"askd": Weighted(AttentionSimilarity(), 5.0)})
    teacher = LiveTeacher(network(1), globs=objective.globs)
    trained = DistributedDataParallel(objective) if distributed.size() > 1 else objective
    mine = views(distributed.share(PHOTOS))
    losses = trained(mine, teacher=teacher(mine))
    share = len(mine.target) / PHOTOS
    (losses.total * (share * distributed.size())).backward()
    found = {name: value.grad for name, value in objective.named_parameters()}
    found |= {f"loss {name}": distributed.summed(share * value) for name, value in losses.terms.items()}
    if distributed.is_first():
        save_file(found, sys.argv[1])


torch.set_num_threads(1)
with distributed.joined():
    main()
"""


def test_gradients_and_losses_of_two_ranks_are_those_of_one(tmp_path, environment):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    launch = ["-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d"]
    command = [sys.executable, *launch, "--rdzv-endpoint", "localhost:0", str(script), str(tmp_path / "two")]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert ended.returncode == 0, ended.stderr
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", [str(script), str(tmp_path / "one")])
        runpy.run_path(str(script))
    one, two = (load_file(tmp_path / name) for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert one["loss box"] > 0
    for key, want in one.items():
        assert torch.linalg.vector_norm(two[key] - want) <= 1e-5 * (1 + torch.linalg.vector_norm(want)), key
