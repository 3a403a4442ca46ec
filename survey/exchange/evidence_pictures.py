"""Pictures that support an answer: recognised and measured, never drawn."""

import re
from collections.abc import Iterator

from survey.exchange.evidence_kinds import (
    GIF,
    HEIC,
    JPEG,
    PNG,
    WEBP,
    BrokenEvidence,
    Kind,
    NotEvidence,
    TooManyPixels,
    unpacked,
)

MOST_PIXELS = 120_000_000
"""Telephones take pictures of 108 million."""


def png(content: bytes) -> Kind:
    """Raises BrokenEvidence, TooManyPixels."""
    place = 8
    kinds: list[bytes] = []
    while kinds[-1:] != [b"IEND"]:
        length, kind = unpacked(">I4s", content, place)
        place += 12 + length
        kinds.append(kind)
        if place > len(content):
            raise BrokenEvidence
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise BrokenEvidence
    _must_be_bearable(*unpacked(">II", content, 16))
    return PNG


_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG that give its size."""


def jpeg(content: bytes) -> Kind:
    """Raises BrokenEvidence, TooManyPixels."""
    place = 2
    while True:
        mark, kind = unpacked(">BB", content, place)
        if mark != 0xFF:
            raise BrokenEvidence
        if kind == 0xFF:
            place += 1
            continue
        (length,) = unpacked(">H", content, place + 2)
        if kind in _SIZES:
            break
        if length < 2 or kind in (0xD8, 0xD9, 0xDA):
            raise BrokenEvidence
        place += 2 + length
    height, width = unpacked(">HH", content, place + 5)
    _must_be_bearable(width, height)
    if content.find(b"\xff\xd9", place) < 0:
        raise BrokenEvidence
    return JPEG


def gif(content: bytes) -> Kind:
    """Raises BrokenEvidence, TooManyPixels."""
    width, height, packed = unpacked("<HHB", content, 6)
    _must_be_bearable(width, height)
    place = 13 + _colours(packed)
    while True:
        (block,) = unpacked("<B", content, place)
        if block == 0x3B:
            return GIF
        if block == 0x21:
            place = _after_pieces(content, place + 2)
        elif block == 0x2C:
            width, height, packed = unpacked("<HHB", content, place + 5)
            _must_be_bearable(width, height)
            place = _after_pieces(content, place + 11 + _colours(packed))
        else:
            raise BrokenEvidence


def _colours(packed: int) -> int:
    """Bytes of the table of colours that follows."""
    return 3 * 2 ** (1 + (packed & 7)) if packed & 0x80 else 0


def _after_pieces(content: bytes, place: int) -> int:
    while True:
        (length,) = unpacked("<B", content, place)
        place += 1 + length
        if length == 0:
            return place


def webp(content: bytes) -> Kind:
    """Raises BrokenEvidence, TooManyPixels."""
    (size,) = unpacked("<I", content, 4)
    if content[8:12] != b"WEBP" or size + 8 > len(content):
        raise BrokenEvidence
    match content[12:16]:
        case b"VP8X":
            low_w, high_w, low_h, high_h = unpacked("<HBHB", content, 24)
            _must_be_bearable(1 + low_w + (high_w << 16), 1 + low_h + (high_h << 16))
        case b"VP8L":
            (bits,) = unpacked("<I", content, 21)
            _must_be_bearable(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
        case b"VP8 ":
            width, height = unpacked("<HH", content, 26)
            _must_be_bearable(width & 0x3FFF, height & 0x3FFF)
        case _:
            raise BrokenEvidence
    return WEBP


_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis"})


def heic(content: bytes) -> Kind:
    """Raises NotEvidence for other films and pictures in boxes, BrokenEvidence, TooManyPixels."""
    boxes = dict(_boxes(content))
    names = boxes.get(b"ftyp", b"")
    brands = {names[place : place + 4] for place in range(0, len(names), 4) if place != 4}
    if brands.isdisjoint(_HEIC_BRANDS):
        raise NotEvidence
    about = boxes.get(b"meta", b"")
    sizes = [match.end() + 4 for match in re.finditer(b"ispe", about)]
    if not sizes:
        raise BrokenEvidence
    for place in sizes:
        _must_be_bearable(*unpacked(">II", about, place))
    return HEIC


def _boxes(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(content):
        length, kind = unpacked(">I4s", content, place)
        head = 8
        if length == 1:
            (length,) = unpacked(">Q", content, place + 8)
            head = 16
        elif length == 0:
            length = len(content) - place
        if length < head or place + length > len(content):
            raise BrokenEvidence
        yield kind, content[place + head : place + length]
        place += length


def _must_be_bearable(width: int, height: int) -> None:
    if width * height == 0:
        raise BrokenEvidence
    if width * height > MOST_PIXELS:
        raise TooManyPixels(most=MOST_PIXELS // 1_000_000)
