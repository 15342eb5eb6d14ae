"""foveate data convert FROM TO: a set in another layout."""

from pathlib import Path
from typing import Annotated, Literal

import tyro

from foveate.commands.terminal import Bar, answer
from foveate.commands.tests_of import tell_of_tests_beside


def change_layout(
    source: tyro.conf.Positional[Path],
    out: tyro.conf.Positional[Path],
    /,
    *,
    to: Literal["folder", "rec", "webdataset", "bin"],
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Write a set in another layout, losslessly: encoded images are copied byte for byte, classes keep their order.

    Names survive in both directions: records and shards get a train.lst with the names of folders and files, and are
    written as folders by it. A .bin file has no names; written as a folder, its people are numbered. What is
    interrupted goes on with the same command; the folder appears under its name when it is complete.

    Args:
        source: training images (a folder with train.rec, identity folders, or shards), a .bin file, or a
            folder laid out as a public set of pairs is (docs/data.md).
        out: folder to make; for bin the file.
        to: folder: identity/image.jpg, or LFW's layout for pairs; rec: insightface's records; webdataset: tar shards;
            bin: insightface's pairs.
        as_json: print what was made as JSON.
    """
    from foveate.prepare.convert import convert

    with Bar("convert") as bar:
        made = convert(source, out, to, lambda done, total: bar.step(done, total, None))
    tell_of_tests_beside(source)
    answer({"path": str(made), "layout": to}, as_json=as_json, text=str(made))
