"""Shards of one data set on several disks."""

import pytest

from foveate.data.shards import find_shards, holds_shards
from foveate.errors import DataError


@pytest.fixture
def disks(tmp_path):
    for name in ("one/s-2.tar", "one/s-0.tar", "two/s-1.tar", "two/.s-9.tar", "two/notes.txt", "three/s-3.tar"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def _names(path):
    return [f"{shard.parent.name}/{shard.name}" for shard in find_shards(path)]


def test_a_folder_has_its_tar_files_in_order(disks):
    assert _names(disks / "one") == ["one/s-0.tar", "one/s-2.tar"]
    assert _names(disks / "two") == ["two/s-1.tar"]
    assert _names(disks / "one/s-2.tar") == ["one/s-2.tar"]


def test_a_pattern_finds_files_and_folders_and_the_order_is_that_of_the_file_names(disks):
    assert _names(disks / "*/s-[0-2].tar") == ["one/s-0.tar", "two/s-1.tar", "one/s-2.tar"]
    assert _names(disks / "t*") == ["two/s-1.tar", "three/s-3.tar"]


def test_a_list_names_folders_files_and_patterns(disks, tmp_path_factory):
    file = tmp_path_factory.mktemp("list") / "shards.txt"
    file.write_text(f"# the disks\n{disks}/one\n\n{disks}/t*/*.tar\n{disks}/one/s-0.tar\n")
    want = ["one/s-0.tar", "two/s-1.tar", "one/s-2.tar", "three/s-3.tar"]
    assert _names(file) == want
    assert _names(file.parent) == want
    (disks / "shards.txt").write_text("three\ntwo/s-1.tar\n")
    assert _names(disks) == ["two/s-1.tar", "three/s-3.tar"]


def test_the_order_stays_when_a_shard_moves_to_another_disk(disks):
    before = [shard.name for shard in find_shards(disks / "*/*.tar")]
    (disks / "one/s-0.tar").rename(disks / "three/s-0.tar")
    assert [shard.name for shard in find_shards(disks / "*/*.tar")] == before


def test_two_shards_of_one_name_are_refused(disks):
    (disks / "two/s-2.tar").touch()
    with pytest.raises(DataError, match=r"one/s-2\.tar: another shard is called so, .*two/s-2\.tar"):
        find_shards(disks / "*/*.tar")


@pytest.mark.parametrize("line", ["nowhere", "two/x*.tar"])
def test_a_line_that_finds_nothing_is_refused(disks, line):
    (disks / "shards.txt").write_text(f"one\n{line}\n")
    with pytest.raises(DataError, match=r"shards\.txt: there are no tar files under"):
        find_shards(disks)


def test_a_path_tells_whether_it_means_shards(disks):
    assert holds_shards(disks / "one")
    assert holds_shards(disks / "one/s-0.tar")
    assert holds_shards(disks / "*/s-?.tar")
    assert not holds_shards(disks)
    (disks / "shards.txt").touch()
    assert holds_shards(disks)
    assert holds_shards(disks / "shards.txt")
    (disks / "one/identity").mkdir()  # an archive that lies beside identity folders is none of theirs
    assert not holds_shards(disks / "one")
    assert not holds_shards(disks / "two/notes.txt")
    assert not holds_shards(disks / "nowhere")


def test_the_folder_of_a_list_may_have_brackets_in_its_name(disks, tmp_path):
    folder = tmp_path / "br[1]"
    folder.mkdir()
    (folder / "shard-0.tar").write_bytes(b"")
    (folder / "shards.txt").write_text("shard-*.tar\n")
    assert _names(folder / "shards.txt") == ["br[1]/shard-0.tar"]
