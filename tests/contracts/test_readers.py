"""Every reader of training images keeps the promises of ``LabelledImages``.

A new reader adds a small example here, under its class name.
"""

import importlib
import inspect
import multiprocessing
import pickle
import pkgutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import foveate.data
from foveate.data.annotated import AnnotatedPhoto
from foveate.data.decode import decode
from foveate.data.encode import encode
from foveate.data.folder import ImageFolder
from foveate.data.insightface_writer import write_insightface
from foveate.data.labelled import LabelledImages
from foveate.data.webdataset_writer import write_webdataset

Images = list[tuple[bytes, int]]


def _readers() -> list[type[LabelledImages]]:
    for module in pkgutil.walk_packages(foveate.data.__path__, "foveate.data."):
        importlib.import_module(module.name)
    readers, seen = [*LabelledImages.__subclasses__()], []
    while readers:
        reader = readers.pop()
        readers += reader.__subclasses__()
        if reader.__module__.startswith("foveate.") and not inspect.isabstract(reader):
            seen.append(reader)
    return sorted(seen, key=lambda reader: reader.__name__)


def _image_folder(reader: type, path: Path, images: Images) -> LabelledImages:
    for number, (image, label) in enumerate(images):
        file = path / f"person_{label:02d}" / f"{number:02d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image)
    return reader(path)


def _insightface(reader: type, path: Path, images: Images) -> LabelledImages:
    write_insightface(path, images, classes=len({label for _, label in images}))
    return reader(path)


def _listed(reader: type, path: Path, images: Images) -> LabelledImages:
    path.mkdir()
    for number, (image, _) in enumerate(images):
        (path / f"{number}.jpg").write_bytes(image)
    (path / "list.txt").write_text("".join(f"{number}.jpg {label}\n" for number, (_, label) in enumerate(images)))
    return reader(path)


def _imagenet(reader: type, path: Path, images: Images) -> LabelledImages:
    for number, (image, label) in enumerate(images):
        file = path / "train" / f"n{label:08d}" / f"{number:02d}.JPEG"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(image)
    return reader(path)


def _webdataset(reader: type, path: Path, images: Images) -> LabelledImages:
    write_webdataset(path, images, per_shard=2)
    return reader(path)


def _all_but_the_first_class(reader: type, path: Path, images: Images) -> LabelledImages:
    """A view of a folder with one more class, which the view leaves out."""
    more = [*_noise([0, 0]), *((image, label + 1) for image, label in images)]
    whole = _image_folder(ImageFolder, path, more)
    return reader(whole, np.arange(1, len(whole.classes)))


def _all_but_one_image(reader: type, path: Path, images: Images) -> LabelledImages:
    """A view of a folder with one more image of the first class, which the view leaves out."""
    whole = _image_folder(ImageFolder, path, [*images, *_noise([images[0][1]])])
    extra = np.flatnonzero(whole.labels == whole.labels[0])[-1]
    return reader(whole, np.delete(np.arange(len(whole)), extra))


def _face_photos(reader: type, path: Path, images: Images) -> LabelledImages:
    """Photos of events, which are their classes."""
    path.mkdir()
    names = [f"{label}--Event/{number}.jpg" for number, (_, label) in enumerate(images)]
    for name, (image, _) in zip(names, images, strict=True):
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(image)
    box = np.array([[1.0, 1.0, 5.0, 6.0]])
    return reader(path, [AnnotatedPhoto(name, name.split("/")[0], box) for name in names])


EXAMPLES: dict[str, Callable[[type, Path, Images], LabelledImages]] = {
    "Chosen": _all_but_the_first_class,
    "FacePhotos": _face_photos,
    "ImageFolder": _image_folder,
    "ImageNet": _imagenet,
    "InsightFaceRecords": _insightface,
    "ImageList": _listed,
    "Part": _all_but_one_image,
    "WebDataset": _webdataset,
}


def _noise(labels: list[int]) -> Images:
    random = np.random.default_rng(0)
    return [(encode(random.integers(0, 256, (8, 12, 3), dtype=np.uint8)), label) for label in labels]


@pytest.fixture(params=_readers(), ids=lambda reader: reader.__name__)
def reader(request):
    return request.param


@pytest.fixture
def opened(reader, tmp_path):
    """Opens a folder that holds images of these labels, written in the reader's format."""

    def opened(labels: list[int], name: str = "data") -> LabelledImages:
        return EXAMPLES[reader.__name__](reader, tmp_path / name, _noise(labels))

    return opened


def test_it_has_an_example_here(reader):
    assert reader.__name__ in EXAMPLES, f"write a small example of {reader.__name__} into this file"


def test_it_is_final(reader):
    assert getattr(reader, "__final__", False)


def test_labels_are_numbers_of_the_classes(opened):
    images = opened([0, 0, 1, 2, 2])
    assert len(images) == 5
    assert images.labels.dtype == np.int64
    assert images.labels.tolist() == [0, 0, 1, 2, 2]
    assert len(images.classes) == len(set(images.classes)) == 3
    assert all(isinstance(name, str) for name in images.classes)


def test_encoded_images_are_the_bytes_that_went_in_and_decode(opened):
    images = opened([0, 1, 1])
    for index, (encoded, _) in enumerate(_noise([0, 1, 1])):
        assert type(images.encoded(index)) is bytes
        assert images.encoded(index) == encoded
        assert decode(images.encoded(index), file=images.path, record=images.record(index)).shape == (8, 12, 3)


def test_records_have_distinct_names(opened):
    images = opened([0, 1, 1])
    names = [images.record(index) for index in range(3)]
    assert all(isinstance(name, str) and name for name in names)
    assert len(set(names)) == 3


def test_an_index_beyond_the_end_is_an_index_error(opened):
    images = opened([0, 1])
    with pytest.raises(IndexError):
        images.encoded(2)
    with pytest.raises(IndexError):
        images.record(2)


def test_the_path_is_kept_for_messages(opened, tmp_path):
    assert opened([0, 1]).path == tmp_path / "data"


def test_the_fingerprint_changes_with_the_classes_and_with_nothing_else(opened):
    fingerprint = opened([0, 0, 1], "first").fingerprint()
    assert opened([0, 0, 1], "again").fingerprint() == fingerprint
    assert opened([0, 1, 1], "other").fingerprint() != fingerprint
    assert opened([0, 0, 1, 2], "more").fingerprint() != fingerprint


def test_it_is_pickled_to_a_loader_worker(opened):
    images = opened([0, 1, 1])
    copy = pickle.loads(pickle.dumps(images))
    assert copy.fingerprint() == images.fingerprint()
    assert [copy.encoded(index) for index in range(3)] == [images.encoded(index) for index in range(3)]


def test_it_is_inherited_by_a_forked_loader_worker(opened):
    images = opened([0, 1, 1])
    context = multiprocessing.get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=lambda: sender.send([images.encoded(index) for index in range(3)]))
    process.start()
    assert receiver.poll(10)
    assert receiver.recv() == [images.encoded(index) for index in range(3)]
    process.join()
