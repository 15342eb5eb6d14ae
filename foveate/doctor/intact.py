"""Findings about a set and its manifest: is it still what was prepared?"""

from pathlib import Path

from foveate.doctor.digests import Tell, digest, digests, is_content
from foveate.doctor.finding import EXAMPLES, Finding, counted
from foveate.doctor.manifest import find_manifest, read_manifest


def manifest_findings(path: Path, tell: Tell | None = None) -> list[Finding]:
    """Compare the files of a set with the digests of its manifest; nothing is found where there is no manifest.

    Raises:
        DataError: a file cannot be read.
    """
    file = find_manifest(path)
    if file is None:
        return []
    expected = {name: value for name, value in read_manifest(file).sha256.items() if is_content(name)}
    if path.is_file():  # of a folder's manifest only what it says of this file
        expected = {
            name: value for name, value in expected.items() if name in (path.name, path.with_suffix(".idx").name)
        }
        found = {name: digest(path.parent / name) for name in expected if (path.parent / name).is_file()}
    else:
        found = digests(path, tell)
    changed = sorted(name for name, value in expected.items() if name in found and found[name] != value)
    missing, added = sorted(expected.keys() - found.keys()), sorted(found.keys() - expected.keys())
    findings: list[Finding] = []
    if changed or missing:
        findings.append(
            Finding(
                "manifest",
                "error",
                f"{counted(len(changed), 'entry', 'entries')} of {file} changed since the set was prepared, "
                f"{len(missing):,} missing",
                "Files were damaged, exchanged or lost; runs that name this manifest were made from others.",
                "Copy the set again, or prepare it anew if the change is meant.",
                tuple(
                    [*(f"{name}: changed" for name in changed), *(f"{name}: missing" for name in missing)][:EXAMPLES]
                ),
            )
        )
    if added:
        findings.append(
            Finding(
                "manifest",
                "note",
                f"{counted(len(added), 'entry', 'entries')} not in {file}",
                "What came later is not covered by its digests.",
                "Nothing, if it was put there on purpose.",
                tuple(added[:EXAMPLES]),
            )
        )
    return findings
