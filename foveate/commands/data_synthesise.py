"""foveate data synthesise FOLDER: draw faces of people who do not exist."""

from pathlib import Path
from typing import Annotated

import tyro

from foveate.commands.terminal import Bar, answer


def draw(
    out: tyro.conf.Positional[Path],
    /,
    *,
    identities: int = 1000,
    images: int = 12,
    test_identities: int = 200,
    seed: int = 0,
    as_json: Annotated[bool, tyro.conf.arg(name="json")] = False,
) -> None:
    """Draw synthetic faces in insightface's layout: train.rec, and drawn_held.bin with pairs of other people.

    Args:
        out: folder to write.
        identities: people to train on.
        images: pictures of each.
        test_identities: people in the verification pairs, a multiple of ten.
        seed: another seed is another world of people.
        as_json: print where the set is as JSON.
    """
    from foveate.chance import check_seed
    from foveate.data.synthesise import check_size, synthesise
    from foveate.doctor.write_manifest import write_manifest
    from foveate.prepare.staged import staged

    check_size(identities, images, test_identities, file=out)
    check_seed(seed)
    size = {"identities": identities, "images": images, "test_identities": test_identities, "seed": seed}
    with staged(out, {"command": "synthesise", "arguments": size}) as folder, Bar("drawing faces") as bar:
        synthesise(folder, **size, tell=lambda done, total: bar.step(done, total, None))
        write_manifest(folder, command="synthesise", arguments=size)
    answer({"path": str(out), "identities": identities, "images": identities * images}, as_json=as_json, text=str(out))
