"""A survey measures every image, and names those that cannot be read."""

import hashlib

import numpy as np
import pytest

from foveate.data.encode import encode
from foveate.data.folder import ImageFolder
from foveate.doctor.pictures import Pictures
from foveate.doctor.survey import survey


def test_every_image_is_measured_as_it_would_be_by_itself(faces, folder):
    images = ImageFolder(folder(list(faces)))
    told = []
    seen = survey(Pictures.of_training(images), lambda *done: told.append(done))
    assert told == [(60, 60)]
    assert (seen.size == 112).all()
    assert seen.problems == {}
    for number in (0, 17, 59):
        assert seen.digest[number].decode() == hashlib.blake2b(images.encoded(number), digest_size=16).hexdigest()
        grey = faces[number] @ [0.299, 0.587, 0.114]
        assert seen.contrast[number] == pytest.approx(grey.std(), abs=0.7)
        middle = faces[number, 40:89, 30:81].mean(axis=(0, 1))
        assert seen.warmth[number] == pytest.approx(middle[0] - middle[2], abs=3)
    assert np.allclose(seen.mean, (faces @ [0.299, 0.587, 0.114]).mean(axis=0), atol=3)


def test_images_that_cannot_be_read_or_have_another_size_are_told(faces, folder):
    images = [encode(face) for face in faces[:6]]
    images[1], images[4] = images[1][:300], encode(faces[4][:50, :40].copy())
    seen = survey(Pictures.of_training(ImageFolder(folder(images))))
    assert list(seen.problems) == [1]
    assert seen.readable.tolist() == [True, False, True, True, True, True]
    assert seen.size.tolist() == [[112, 112], [0, 0], [112, 112], [112, 112], [50, 40], [112, 112]]


def test_a_sample_is_spread_over_the_set(faces, folder):
    pictures = Pictures.of_training(ImageFolder(folder(list(faces))))
    some = pictures.sample(4)
    assert [some.name(number) for number in range(4)] == [
        f"training: {name}" for name in ("person_00/0.jpg", "person_06/1.jpg", "person_13/0.jpg", "person_19/2.jpg")
    ]
    assert some.encoded(3) == pictures.encoded(59)
    assert pictures.sample(60) is pictures
