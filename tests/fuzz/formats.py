"""The rest of what is fuzzed: lists, shards, boxes of faces, and weights of other projects."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from fuzz.targets import SMALL, TARGETS, faces, target
from safetensors.torch import save_file

from foveate.data.annotated import AnnotatedPhoto
from foveate.data.cmu_mit import read_cmu_mit
from foveate.data.detections import Detections, read_detections, write_detections
from foveate.data.image_list import ImageList
from foveate.data.imagenet import ImageNet
from foveate.data.webdataset import WebDataset
from foveate.data.webdataset_writer import write_webdataset
from foveate.data.wider_truth import ALL, LEVELS, read_wider_truth
from foveate.data.widerface import read_widerface
from foveate.data.widerface_writer import write_wider_truth, write_widerface
from foveate.weights.state_file import read_state

__all__ = ["TARGETS"]
"""All targets: those of ``fuzz.targets``, and those below."""


def _list(folder: Path) -> None:
    for number, face in enumerate(faces(3)):
        (folder / f"{number}.jpg").write_bytes(face)
    (folder / "list.txt").write_text("0.jpg 5\n1.jpg\t6\n1\t2.jpg\t5\n")


@target("list", "list.txt", _list)
def _read_list(folder: Path) -> None:
    images = ImageList(folder)
    for index in range(len(images)):
        images.encoded(index)


def _imagenet(folder: Path) -> None:
    (folder / "val").mkdir()
    for number in range(3):
        (folder / "val" / f"{number}.JPEG").write_bytes(b"")
    (folder / "ILSVRC2012_validation_ground_truth.txt").write_text("2\n1\n2\n")
    (folder / "map_clsloc.txt").write_text("n00000002 1 cat\nn00000001 2 dog\n")


def _read_imagenet(folder: Path) -> None:
    ImageNet(folder, "val").record(0)


for _file in ("map_clsloc.txt", "ILSVRC2012_validation_ground_truth.txt"):
    target(f"imagenet_{_file}", _file, _imagenet)(_read_imagenet)


def _shard(folder: Path) -> None:
    write_webdataset(folder, [(face, number) for number, face in enumerate(faces(3))])


@target("webdataset", "shard-000000.tar", _shard)
def _read_shard(folder: Path) -> None:
    images = WebDataset(folder / "shard-000000.tar")
    for index in range(min(len(images), SMALL)):
        images.encoded(index)


def _boxes(folder: Path) -> None:
    flags = np.zeros((2, 6), dtype=np.int64)
    photos = [
        AnnotatedPhoto("0--a/x.jpg", "0--a", np.array([[1.0, 2, 3, 4], [0, 0, 5, 5]]), flags),
        AnnotatedPhoto("0--a/y.jpg", "0--a", np.zeros((0, 4)), flags[:0]),
    ]
    marks = [np.array([True, False]), np.zeros(0, dtype=np.bool_)]
    write_widerface(folder / "wider.txt", photos)
    write_wider_truth(folder, photos, dict.fromkeys(LEVELS, marks))
    (folder / "faces.txt").write_text("a b.jpg 1 2 3.5 4\n")
    write_detections(folder, {"x.jpg": Detections(photos[0].boxes, np.array([0.75, 0.25]))})
    (folder / "a b.jpg").write_bytes(b"")


@target("widerface", "wider.txt", _boxes)
def _read_wider(folder: Path) -> None:
    read_widerface(folder / "wider.txt")


@target("detections", "x.txt", _boxes)
def _read_found(folder: Path) -> None:
    read_detections(folder, ["x.jpg"])


@target("cmu_mit", "faces.txt", _boxes)
def _read_cmu_mit(folder: Path) -> None:
    read_cmu_mit(folder)


def _read_truth(folder: Path) -> None:
    read_wider_truth(folder)


for _file in (ALL, LEVELS["hard"]):
    target(_file, _file, _boxes)(_read_truth)


def _weights(folder: Path) -> None:
    state = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.count": torch.tensor(7)}
    save_file(state, folder / "w.safetensors")
    torch.save({"net_state_dict": state, "iters": 3}, folder / "w.pth")
    torch.save({"net_state_dict": state}, folder / "w.ckpt", _use_new_zipfile_serialization=False)


def _reads_weights(file: str) -> Callable[[Path], None]:
    def read(folder: Path) -> None:
        for tensor in read_state(folder / file).values():
            tensor.isfinite().all()

    return read


for _file in ("w.safetensors", "w.pth", "w.ckpt"):
    target(f"weights_{_file}", _file, _weights)(_reads_weights(_file))
