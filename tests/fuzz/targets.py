"""What is fuzzed: every reader of foreign files, with small valid files to start from.

A target is a new function below, or in ``formats.py``, decorated with ``target``; the short test and the long run find
it.
"""

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.torch import load_file, save
from scipy.io import loadmat, savemat

from foveate.backbones.iresnet import IResNet
from foveate.blueprint import describe
from foveate.data.agedb import LIST as AGEDB_LIST
from foveate.data.agedb import read_agedb
from foveate.data.agedb_writer import write_agedb
from foveate.data.cfp import read_cfp
from foveate.data.cfp_writer import write_cfp
from foveate.data.cross_lfw import LISTS as CROSS_LFW_LISTS
from foveate.data.cross_lfw import read_cross_lfw
from foveate.data.cross_lfw_writer import write_cross_lfw
from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.insightface import InsightFaceRecords
from foveate.data.insightface_writer import write_insightface
from foveate.data.lfw import read_lfw
from foveate.data.matlab import read_matlab
from foveate.data.pairs import VerificationPairs
from foveate.data.survface import read_survface
from foveate.data.survface_writer import write_survface_identification, write_survface_verification
from foveate.data.tinyface import LISTS, MATCH, PROBE, TESTING, read_tinyface
from foveate.data.tinyface_writer import write_tinyface
from foveate.data.verification import read_verification_bin
from foveate.data.verification_writer import write_verification_bin
from foveate.heads.arcface import ArcFace
from foveate.model_file import FORMAT, load_model
from foveate.objective import Objective
from foveate.study.setting import recorded
from foveate.views import FaceViews

Image.init()  # its decoders are imported when the first of them is asked for, which would look like code that runs

SMALL = 64
"""So many records at most are read of an input."""


@dataclass(frozen=True)
class Target:
    """A reader under test.

    Attributes:
        name: of the target.
        file: of the input, inside the folder that ``make`` fills.
        make: fills a folder with a valid set.
        read: reads the folder as a user would, to the last record.
        most: inputs of a long run, for a reader that takes milliseconds.
    """

    name: str
    file: str
    make: Callable[[Path], None]
    read: Callable[[Path], None]
    most: int = 1_000_000_000


TARGETS: dict[str, Target] = {}


def target(name: str, file: str, make: Callable[[Path], None], **more: int) -> Callable[[Callable[[Path], None]], None]:
    def add(read: Callable[[Path], None]) -> None:
        TARGETS[name] = Target(name, file, make, read, **more)

    return add


def faces(count: int) -> list[bytes]:
    """JPEGs of 8 x 8 pixels of noise."""
    random = np.random.default_rng(0)
    return [encode(random.integers(0, 256, (8, 8, 3), dtype=np.uint8)) for _ in range(count)]


def _records(folder: Path) -> None:
    write_insightface(folder, [(face, number // 2) for number, face in enumerate(faces(4))], 2, size=8)


def _read_records(folder: Path) -> None:
    images = InsightFaceRecords(folder)
    for index in range(min(len(images), SMALL)):
        images.encoded(index)


for _name, _file in (("recordio", "train.rec"), ("recordio_idx", "train.idx"), ("property", "property")):
    target(_name, _file, _records)(_read_records)


def _bin(folder: Path) -> None:
    place = np.arange(10)
    pairs = VerificationPairs("held", faces(20), place, place + 10, place % 2 == 0, place)
    write_verification_bin(folder / "held.bin", pairs)


@target("verification_bin", "held.bin", _bin)
def _read_bin(folder: Path) -> None:
    pairs = read_verification_bin(folder / "held.bin")
    for number in range(min(len(pairs.images), SMALL)):
        assert isinstance(pairs.images[number], bytes)


def _lfw(folder: Path) -> None:
    for person in ("A_B", "C"):
        (folder / person).mkdir()
        for photo in (1, 2):
            (folder / person / f"{person}_{photo:04d}.jpg").write_bytes(b"")
    (folder / "pairs.txt").write_text("2\t1\nA_B\t1\t2\nA_B\t1\tC\t2\nC\t1\t2\nC\t1\tA_B\t2\n")


@target("pairs_txt", "pairs.txt", _lfw)
def _read_lfw(folder: Path) -> None:
    read_lfw(folder)


def _tinyface(folder: Path) -> None:
    photos = faces(5)
    write_tinyface(folder, probes={3: photos[:1], 5: photos[1:2]}, matches={3: photos[2:3], 5: photos[3:4]},
                   distractors=photos[4:])  # fmt: skip


for _part in (PROBE, MATCH):
    target(f"tinyface_{_part}", f"{TESTING}/{LISTS[_part][0]}", _tinyface)(lambda folder: _read_tinyface(folder))


def _read_tinyface(folder: Path) -> None:
    read_tinyface(folder)


@target("matlab", f"{TESTING}/{LISTS[PROBE][0]}", _tinyface)
def _read_matlab(folder: Path) -> None:
    read_matlab(folder / TESTING / LISTS[PROBE][0], ("probe_set", "probe_ids"), max_bytes=2**20)


def _pairs() -> VerificationPairs:
    """One pair of each kind in each of ten folds, of twenty people."""
    people = np.arange(40) // 2
    left = np.repeat(np.arange(0, 40, 4), 2)
    right = np.where(np.arange(20) % 2 == 0, left + 1, left + 2)
    return VerificationPairs("x", [b""] * 40, left, right, people[left] == people[right], np.arange(20) // 2, people)


def _unpack(file: Path) -> None:
    """Write a MATLAB file again with nothing packed, where damage is not hidden behind a checksum."""
    savemat(file, {name: value for name, value in loadmat(file).items() if not name.startswith("__")})


def _agedb(folder: Path) -> None:
    write_agedb(folder, _pairs())
    _unpack(folder / AGEDB_LIST)


@target("agedb", AGEDB_LIST, _agedb)
def _read_agedb(folder: Path) -> None:
    read_agedb(folder)


def _cfp(folder: Path) -> None:
    split = [{True: [(1, 1), (2, 1)], False: [(1, 2)]}]
    write_cfp(folder, frontal={1: [b"", b""], 2: [b""]}, profile={1: [b""], 2: [b""]}, splits={"FP": split})


for _name, _file in (("list", "Pair_list_F.txt"), ("split", "Split/FP/01/same.txt")):
    target(f"cfp_{_name}", f"Protocol/{_file}", _cfp)(lambda folder: _read_cfp(folder))


def _read_cfp(folder: Path) -> None:
    read_cfp(folder)


@target("cross_lfw", CROSS_LFW_LISTS["calfw"], lambda folder: _cross_lfw(folder))
def _read_cross_lfw(folder: Path) -> None:
    read_cross_lfw(folder)


def _cross_lfw(folder: Path) -> None:
    write_cross_lfw(folder, _pairs(), "calfw")


def _survface(folder: Path) -> None:
    names = [f"{person}_cam1_1.jpg" for person in range(20)]
    write_survface_verification(
        folder,
        images={person: [b""] for person in range(20)},
        positive=[(name, name) for name in names[:10]],
        negative=list(zip(names[:10], names[10:], strict=True)),
    )
    write_survface_identification(folder, gallery={7: [b""], 9: [b"", b""]}, mated={9: [b""]}, unmated={4: [b""]})
    for file in folder.rglob("*.mat"):
        _unpack(file)


for _name, _file in (
    ("pairs", "Face_Verification_Test_Set/positive_pairs_names.mat"),
    ("people", "Face_Identification_Test_Set/gallery_img_ID_pairs.mat"),
):
    target(f"survface_{_name}", _file, _survface)(lambda folder: _read_survface(folder))


def _read_survface(folder: Path) -> None:
    read_survface(folder)


def _image(kind: str, mode: str = "RGB") -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        pixels = np.random.default_rng(0).integers(0, 256, (9, 7, 4), dtype=np.uint8)
        buffer = io.BytesIO()
        Image.fromarray(pixels, "RGBA").convert(mode).save(buffer, kind)
        (folder / "image").write_bytes(buffer.getvalue())

    return make


def _read_image(folder: Path) -> None:
    pixels = decode((folder / "image").read_bytes(), file=folder / "image", record=None, max_pixels=2**20)
    assert pixels.dtype == np.uint8
    assert pixels.shape[2] == 3


IMAGES: Mapping[str, tuple[str, str]] = {
    "jpeg": ("JPEG", "RGB"),
    "jpeg_grey": ("JPEG", "L"),
    "jpeg_cmyk": ("JPEG", "CMYK"),
    "png": ("PNG", "RGB"),
    "png_palette": ("PNG", "P"),
    "png_alpha": ("PNG", "RGBA"),
    "bmp": ("BMP", "RGB"),
    "webp": ("WEBP", "RGB"),
}
for _name, (_kind, _mode) in IMAGES.items():
    target(f"image_{_name}", "image", _image(_kind, _mode))(_read_image)


def _study(folder: Path) -> None:
    setting = {"flags": ["--data", "x"], "teacher_flags": [], "teachers": "t", "teacher_seeds": 1}
    (folder / "setting.json").write_text(json.dumps(setting))


@target("study_setting", "setting.json", _study)
def _read_study(folder: Path) -> None:
    recorded(folder)


def _card(folder: Path) -> None:
    network, head = IResNet(18, width=4, embedding=4, attention=None, size=16, stem_stride=2), ArcFace(4, 3)
    parts = {"network": describe(network), "head": describe(head), "views": describe(FaceViews())}
    (folder / "card.json").write_text(json.dumps({"format": FORMAT, **parts}))
    (folder / "weights").write_bytes(save(Objective(network, head).state_dict()))


@target("model_card", "card.json", _card, most=10_000)
def _read_card(folder: Path) -> None:
    """The card says how to build the network; what it asks for beyond the weights there is refused."""
    card = (folder / "card.json").read_bytes().decode(errors="replace")
    content = save(load_file(folder / "weights"), {"foveate": card})
    (folder / "model.safetensors").write_bytes(content)
    load_model(folder / "model.safetensors")
