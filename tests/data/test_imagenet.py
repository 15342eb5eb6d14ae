"""ImageNet's folders: the class index is the place of the sorted wnid, in every layout."""

import numpy as np
import pytest
from scipy.io import savemat

from foveate.data.imagenet import ImageNet
from foveate.data.open import open_training_set
from foveate.errors import DataError

KIT = "ILSVRC2012_devkit_t12/data"
TRUTH = "ILSVRC2012_validation_ground_truth.txt"


def _make(folder, *names):
    for name in names:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
    return folder


@pytest.fixture
def root(tmp_path):
    return _make(tmp_path, "train/n00000003/x_1.JPEG", "train/n00000001/x_2.JPEG", "train/n00000002/x_3.JPEG")


def _flat(root, kit="", truth="2\n1\n3\n"):
    """A flat validation folder; the kit's numbers are in another order than the wnids."""
    _make(root, *(f"val/ILSVRC2012_val_0000000{number}.JPEG" for number in (1, 2, 3)))
    (root / kit).mkdir(parents=True, exist_ok=True)
    (root / kit / TRUTH).write_text(truth)
    (root / kit / "map_clsloc.txt").write_text("n00000002 1 cat\nn00000003 2 dog\nn00000001 3 cup\n")
    return root


def test_the_class_index_is_the_place_of_the_sorted_wnid(root):
    images = ImageNet(root)
    assert images.classes == ("n00000001", "n00000002", "n00000003")
    assert images.labels.tolist() == [0, 1, 2]
    assert images.record(0) == "train/n00000001/x_2.JPEG"
    assert images.encoded(2) == b"train/n00000003/x_1.JPEG"


def test_validation_in_folders_has_the_classes_of_training(root):
    images = ImageNet(_make(root, "val/n00000003/y.JPEG", "val/n00000002/y.JPEG", "val/notes.txt"), "val")
    assert images.classes == ("n00000001", "n00000002", "n00000003")
    assert images.labels.tolist() == [1, 2]


@pytest.mark.parametrize("kit", ["", KIT])
def test_flat_validation_has_its_classes_from_the_ground_truth(root, kit):
    images = ImageNet(_flat(root, kit), "val")
    assert images.labels.tolist() == [2, 1, 0]
    assert images.record(0) == "val/ILSVRC2012_val_00000001.JPEG"


def test_the_development_kit_s_own_table_is_read_as_well(root):
    _flat(root, KIT)
    (root / KIT / "map_clsloc.txt").unlink()
    table = np.zeros((3, 1), dtype=[("ILSVRC2012_ID", object), ("WNID", object), ("words", object)])
    for row, (number, wnid) in enumerate([(1, "n00000002"), (2, "n00000003"), (3, "n00000001")]):
        table[row, 0] = (float(number), wnid, "words")
    table["ILSVRC2012_ID"] = [[np.uint8(number)] for number in (1, 2, 3)]
    savemat(root / KIT / "meta.mat", {"synsets": table}, do_compression=True)
    assert ImageNet(root, "val").labels.tolist() == [2, 1, 0]


def test_validation_alone_has_the_classes_that_occur(tmp_path):
    images = ImageNet(_flat(tmp_path, truth="1\n1\n3\n"), "val")
    assert images.classes == ("n00000001", "n00000002")
    assert images.labels.tolist() == [1, 1, 0]


def test_a_folder_with_train_is_opened_as_imagenet(root):
    assert isinstance(open_training_set(root), ImageNet)


@pytest.mark.parametrize(
    ("truth", "problem"),
    [("2\n1\n", "2 lines do not go with 3 images"), ("2\n1\n4\n", "line 3 is '4'"), ("2\nx\n1\n", "line 2 is 'x'")],
)
def test_a_ground_truth_that_does_not_fit_is_refused(root, truth, problem):
    with pytest.raises(DataError, match=problem):
        ImageNet(_flat(root, truth=truth), "val")


@pytest.mark.parametrize("text", ["n00000002 1\nn00000003 1\n", "n00000002\n", "cat 1\n"])
def test_a_map_that_is_none_is_refused(root, text):
    (_flat(root) / "map_clsloc.txt").write_text(text)
    with pytest.raises(DataError, match=r"map_clsloc\.txt: record \d: it should be a wnid and a number of its own"):
        ImageNet(root, "val")


def test_what_is_missing_is_named(root):
    with pytest.raises(DataError, match="no images of the split 'val'"):
        ImageNet(root, "val")
    (_flat(root) / TRUTH).unlink()
    with pytest.raises(DataError, match=f"need {TRUTH}"):
        ImageNet(root, "val")
    _flat(root)
    (root / "map_clsloc.txt").unlink()
    with pytest.raises(DataError, match=r"need map_clsloc\.txt or meta\.mat"):
        ImageNet(root, "val")
    (root / "train/n00000009").mkdir()
    with pytest.raises(DataError, match="n00000009: the class has no images"):
        ImageNet(root)


def test_a_class_that_training_lacks_is_refused(root):
    with pytest.raises(
        DataError, match=r"record val/n00000009/y\.JPEG: the image is of a class that 'train' does not have"
    ):
        ImageNet(_make(root, "val/n00000009/y.JPEG"), "val")


def test_a_table_of_another_kind_is_refused(root):
    (_flat(root) / "map_clsloc.txt").unlink()
    savemat(root / "meta.mat", {"synsets": np.zeros((2, 2))})
    with pytest.raises(DataError, match="no fields WNID"):
        ImageNet(root, "val")


def test_the_ten_classes_of_imagenette_are_read(shared):
    folder = shared / "data" / "imagenette-112"
    if not folder.is_dir():
        pytest.skip("no folder of ten ImageNet classes beside the repository")
    train, val = ImageNet(folder), ImageNet(folder, "val")
    assert (len(train), len(val)) == (3300, 1100)
    assert train.classes == val.classes
    assert (train.classes[0], train.classes[-1], len(train.classes)) == ("n01440764", "n03888257", 10)
    assert np.unique(val.labels).tolist() == [*range(10)]


def test_a_class_of_another_name_is_not_passed_over(root):
    _make(root, "train/dog/1.JPEG")
    with pytest.raises(DataError, match=r"train/dog.* is not called as a class of ImageNet is"):
        ImageNet(root)
