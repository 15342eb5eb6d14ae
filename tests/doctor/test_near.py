"""Nearly equal images are found among all pairs, and strangers are not."""

import io

import numpy as np
import pytest
from PIL import Image

from foveate.doctor.near import candidates, hashes, near_pairs


def _thumbnail(pixels):
    return np.asarray(Image.fromarray(pixels).convert("L").resize((16, 16), Image.Resampling.BILINEAR))


def _jpeg(pixels):
    content = io.BytesIO()
    Image.fromarray(pixels).save(content, "JPEG", quality=40)
    return np.asarray(Image.open(content))


def _half(pixels):
    return np.asarray(Image.fromarray(pixels).resize((56, 56)).resize((112, 112)))


def _bright(pixels):
    return np.clip(pixels * 1.15 + 8, 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def thumbnails(faces):
    return np.stack([_thumbnail(face) for face in faces])


@pytest.mark.parametrize("distance", [0, 3, 8])
def test_candidates_are_all_pairs_within_the_distance_and_no_others(distance):
    random = np.random.default_rng(distance)
    one = random.random((60, 64)) < 0.5
    two = one[random.integers(60, size=90)] ^ (random.random((90, 64)) < random.random((90, 1)) * 0.2)
    found = {tuple(pair) for pairs in candidates(one, two, distance) for pair in pairs.tolist()}
    assert found == {(i, j) for i in range(60) for j in range(90) if (one[i] != two[j]).sum() <= distance}
    within = {tuple(pair) for pairs in candidates(two, None, distance) for pair in pairs.tolist()}
    assert within == {(i, j) for j in range(90) for i in range(j) if (two[i] != two[j]).sum() <= distance}


def test_hashes_have_bits_that_are_set_about_half_of_the_time(thumbnails):
    bits = hashes(thumbnails.astype(np.float32) - thumbnails.mean(axis=0, dtype=np.float32))
    assert bits.shape == (60, 64)
    assert 0.4 < bits.mean() < 0.6


@pytest.mark.parametrize("change", [_jpeg, _half, _bright], ids=["jpeg", "half size", "brighter"])
def test_a_copy_is_found_however_it_was_stored(faces, thumbnails, change):
    copies = np.stack([_thumbnail(change(face)) for face in faces[::6]])
    assert near_pairs(thumbnails, copies).tolist() == [[6 * place, place] for place in range(10)]
    together = np.concatenate([thumbnails, copies])
    assert near_pairs(together).tolist() == [[6 * place, 60 + place] for place in range(10)]


def test_no_two_drawn_faces_are_called_equal(thumbnails):
    assert near_pairs(thumbnails).tolist() == []
    assert near_pairs(thumbnails[:30], thumbnails[30:]).tolist() == []


def test_a_set_without_images_has_no_pairs(thumbnails):
    assert near_pairs(thumbnails[:0]).shape == near_pairs(thumbnails, thumbnails[:0]).shape == (0, 2)
