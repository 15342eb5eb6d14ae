"""Tar archives: where their files lie, and what is never followed."""

import io
import tarfile

import pytest

from foveate.data.tar_members import Member, tar_members
from foveate.errors import DataError


def _write(path, *infos, layout=tarfile.USTAR_FORMAT):
    """An archive of members given as a name, or as a TarInfo; each file holds its own name."""
    with tarfile.open(path, "w", format=layout) as archive:
        for info in infos:
            content = b"" if isinstance(info, tarfile.TarInfo) else info.encode()
            made = info if isinstance(info, tarfile.TarInfo) else tarfile.TarInfo(info)
            made.size = len(content)
            archive.addfile(made, io.BytesIO(content))
    return path


def _special(name, kind, target=""):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


@pytest.mark.parametrize("layout", [tarfile.USTAR_FORMAT, tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_each_member_is_where_it_is_said_to_be(tmp_path, layout):
    long = "d/" * 60 + "é" * 20 if layout != tarfile.USTAR_FORMAT else "d/" * 60 + "e"
    names = ["a.jpg", "folder/b.cls", "0", long]
    path = _write(tmp_path / "x.tar", *names, _special("folder", tarfile.DIRTYPE), layout=layout)
    data = path.read_bytes()
    members = list(tar_members(path))
    assert [member.name for member in members] == names
    assert [data[member.offset : member.offset + member.size].decode() for member in members] == names
    assert members[0] == Member("a.jpg", 512, 5)


def test_an_archive_of_nothing_has_no_members(tmp_path):
    assert list(tar_members(_write(tmp_path / "x.tar"))) == []


@pytest.mark.parametrize(
    ("member", "problem"),
    [
        ("../a.jpg", r"record \.\./a\.jpg: its name leads out of the archive"),
        ("a/../../b.jpg", "its name leads out"),
        ("/etc/passwd", "record /etc/passwd: its name leads out"),
        (_special("a.jpg", tarfile.SYMTYPE, "/etc/passwd"), "record a.jpg: it is a link to '/etc/passwd'"),
        (_special("a.jpg", tarfile.LNKTYPE, "b.jpg"), "it is a link to 'b.jpg'"),
        (_special("a.jpg", tarfile.CHRTYPE), "it is neither a plain file nor a folder"),
        (_special("a.jpg", tarfile.BLKTYPE), "it is neither a plain file nor a folder"),
        (_special("a.jpg", tarfile.FIFOTYPE), "it is neither a plain file nor a folder"),
    ],
)
def test_links_devices_and_names_that_lead_out_are_refused(tmp_path, member, problem):
    path = _write(tmp_path / "x.tar", "fine.jpg", member)
    with pytest.raises(DataError, match=problem):
        list(tar_members(path))


def test_an_archive_that_is_cut_short_anywhere_is_refused(tmp_path):
    whole = _write(tmp_path / "whole.tar", "a.jpg", "b.jpg").read_bytes()
    end = 4 * 512  # two headers, two contents
    assert whole[end:] == bytes(len(whole) - end)
    for length in range(0, end + 1, 128):
        (tmp_path / "cut.tar").write_bytes(whole[:length])
        with pytest.raises(DataError, match=r"cut\.tar"):
            list(tar_members(tmp_path / "cut.tar"))
    (tmp_path / "cut.tar").write_bytes(whole[: end + 512])
    assert len(list(tar_members(tmp_path / "cut.tar"))) == 2


def test_what_follows_the_end_is_said_and_not_passed_over(tmp_path):
    whole = _write(tmp_path / "one.tar", "a.jpg").read_bytes()
    (tmp_path / "both.tar").write_bytes(whole + whole)
    with pytest.raises(DataError, match=r"both\.tar: more follows the archive's end at byte 1,024"):
        list(tar_members(tmp_path / "both.tar"))


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path):
    data = bytearray(_write(tmp_path / "x.tar", "a.jpg", "b.jpg").read_bytes())
    data[1024 + 150] ^= 1  # in the checksum of the second header
    (tmp_path / "x.tar").write_bytes(data)
    with pytest.raises(DataError, match="no header and no end at byte 1,024"):
        list(tar_members(tmp_path / "x.tar"))


def test_other_files_are_refused(tmp_path):
    with tarfile.open(tmp_path / "x.tar", "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    with pytest.raises(DataError, match="no plain tar archive"):
        list(tar_members(tmp_path / "x.tar"))
    with pytest.raises(DataError, match=r"nowhere\.tar: cannot be read \(No such file"):
        list(tar_members(tmp_path / "nowhere.tar"))
