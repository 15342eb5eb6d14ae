"""An alignment in words."""

from foveate.report.align import align_words

NOTHING = {
    "photos": 3,
    "crops": 3,
    "crops_by_kind": {"detected": 3},
    "dropped": 0,
    "unreadable": 0,
    "several_faces": 0,
    "problems": {},
    "other_files": {},
    "gone": [],
}


def test_where_all_went_well_there_is_one_line():
    assert align_words(NOTHING) == ["3 crops of 3 photos"]


def test_what_needs_a_look_is_said():
    found = {
        **NOTHING,
        "photos": 2000,
        "crops_by_kind": {"box": 1, "centre": 1, "detected": 1200, "resize": 1},
        "dropped": 5,
        "several_faces": 7,
        "problems": {"no face was found": 4, "cannot be read (Permission denied)": 1},
        "other_files": {".heic": 2},
    }
    assert align_words(found) == [
        "3 crops of 2,000 photos, 5 photos without a crop",
        "1 given boxes, 1 centres of regions, resized, 1,200 with a detected face, 1 whole regions, resized",
        "7 photos with more than one face",
        "4 x no face was found",
        "1 x cannot be read (Permission denied)",
        "passed over, as no photos: 2 .heic",
    ]
