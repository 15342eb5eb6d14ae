"""Damaged copies of a file, for the short test: a function of seed and number."""

import random

WORDS = [0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xCED7230A]


def mutated(content: bytes, seed: int) -> bytes:
    """One to four changes: bits, bytes, words of notorious values, pieces cut, doubled or moved, digits."""
    draw, data = random.Random(seed), bytearray(content)
    for _ in range(draw.randint(1, 4)):
        place = draw.randrange(len(data) + 1)
        end = min(len(data), place + draw.choice([1, 2, 4, 8, 64]))
        match draw.randrange(8):
            case 0:
                data[place:end] = bytes(draw.randrange(256) for _ in range(end - place))
            case 1 if place < len(data):
                data[place] ^= 1 << draw.randrange(8)
            case 2:
                data[place : place + 4] = draw.choice(WORDS).to_bytes(4, draw.choice(["little", "big"]))
            case 3:
                del data[place:end]
            case 4:
                del data[place:]
            case 5:
                data[place:place] = data[place:end] * draw.choice([1, 3, 50])
            case 6:
                data[place:place] = draw.choice([b"..", b"/", b"\x00", b"-1", b"9" * 30, b"\n", b"\t", b"\xff\xfe"])
            case _:
                data[place:end], data[:1] = data[:1], data[place:end]
    return bytes(data)
