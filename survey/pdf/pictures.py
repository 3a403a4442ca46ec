"""Logos as they come in, and as they are kept. The only importer of Pillow.

What is kept is drawn anew from the pixels alone: no metadata, nothing behind the end of the
picture, and no size that a page could not bear. Nothing is decoded before its size is known.
"""

import re
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageFile, ImageOps

from survey.core.errors import SurveyError

MOST_BYTES = 2 * 1024 * 1024
MOST_PIXELS = 16_000_000
LONGEST_SIDE = 600
"""Pixels of the longer side as it is kept: 5 cm of a cover at 300 dots per inch."""

MOST_SCANS = 32
"""Times that a JPEG may go over its pixels; to become sharper in steps it takes ten."""

_BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff")
_SCAN = b"\xff\xda"
"""Begins each time; the data of a picture cannot hold it."""

_SVG = re.compile(rb"<(\?xml|!DOCTYPE|!--|svg|[a-z]+:svg)", re.IGNORECASE)


class PictureTooLarge(SurveyError):
    """A logo of more than `most` MB."""

    code = "logo-too-large"


class TooManyPixels(SurveyError):
    """A logo with more than `most` million pixels, however few bytes they take."""

    code = "logo-too-many-pixels"


class VectorPicture(SurveyError):
    """An SVG file: it can carry scripts and fetch from elsewhere."""

    code = "logo-is-svg"


class NotAPicture(SurveyError):
    """Neither PNG nor JPEG, whatever its name says."""

    code = "logo-not-a-picture"


class BrokenPicture(SurveyError):
    """It begins like a picture and cannot be decoded to its end, or only in a very long time."""

    code = "logo-unreadable"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture drawn anew."""

    content: bytes
    media_type: str
    width: int
    height: int


def clean(content: bytes) -> Picture:
    """Draw a logo anew, at most LONGEST_SIDE pixels wide and high, transparency included.

    Raises PictureTooLarge, VectorPicture, NotAPicture, TooManyPixels, BrokenPicture.
    """
    if len(content) > MOST_BYTES:
        raise PictureTooLarge(most=MOST_BYTES // 1024 // 1024)
    if _SVG.match(content.removeprefix(b"\xef\xbb\xbf").lstrip()):
        raise VectorPicture
    if not content.startswith(_BEGINNINGS):
        raise NotAPicture
    if content.startswith(_BEGINNINGS[1]) and content.count(_SCAN) > MOST_SCANS:
        raise BrokenPicture
    try:
        return _drawn(content)
    except SurveyError:
        raise
    except Exception as error:  # whatever a decoder says of a file that was tampered with
        raise BrokenPicture from error


def _drawn(content: bytes) -> Picture:
    with _strictly():
        try:
            opened = Image.open(BytesIO(content), formats=("PNG", "JPEG"))
        except Image.DecompressionBombError:
            raise TooManyPixels(most=MOST_PIXELS // 1_000_000) from None
        if opened.width * opened.height > MOST_PIXELS:
            raise TooManyPixels(most=MOST_PIXELS // 1_000_000)
        opened.load()
    if opened.format == "PNG" and not _is_whole(content):
        raise BrokenPicture
    drawn = _in_eight_bits(ImageOps.exif_transpose(opened))
    drawn.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    drawn.info.clear()
    return _encoded(drawn, "PNG" if drawn.mode == "RGBA" else str(opened.format))


# The seven passes of an interlaced PNG: where each begins, and how far apart its pixels are.
_PASSES = (
    (0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
    (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2),
)  # fmt: skip
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Values of one pixel, by the type of colour."""

_PIECE = 64 * 1024


def _is_whole(png: bytes) -> bool:
    """Whether every pixel and the end are there: Pillow makes up rows that a stream leaves out."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    passes = _PASSES if interlaced else ((0, 0, 1, 1),)
    bits = depth * _CHANNELS[colour]
    expected = sum(
        _steps(height, y, down) * (1 + (_steps(width, x, right) * bits + 7) // 8)
        for x, y, right, down in passes
        if x < width
    )
    chunks = list(_chunks(png))
    data = b"".join(content for kind, content in chunks if kind == b"IDAT")
    return chunks[-1][0] == b"IEND" and _unpacks_to(data, expected)


def _steps(length: int, first: int, apart: int) -> int:
    return max(0, -(-(length - first) // apart))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a PNG up to its end; a part that is cut off is none."""
    place, kind = 8, b""
    while kind != b"IEND" and place + 12 <= len(png):
        length, kind = struct.unpack(">I4s", png[place : place + 8])
        if place + 12 + length > len(png):
            return
        yield kind, png[place + 8 : place + 8 + length]
        place += 12 + length


def _unpacks_to(data: bytes, expected: int) -> bool:
    """Whether there is so much in the data; no more of it is unpacked at a time than needed."""
    stream, found = zlib.decompressobj(), 0
    while data and found < expected:
        found += len(stream.decompress(data, _PIECE))
        data = stream.unconsumed_tail
    return found >= expected


@contextmanager
def _strictly() -> Iterator[None]:
    """Take no picture that is cut off: WeasyPrint lets Pillow fill up what is missing."""
    lenient = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own limit on pixels: ours is lower
            yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = lenient


def _in_eight_bits(image: Image.Image) -> Image.Image:
    """Red, green and blue of eight bits each, and transparency if there is any."""
    if image.mode.startswith("I"):  # one grey of sixteen bits, which `convert` would cut off
        return image.convert("I").point(lambda grey: grey * (1 / 257)).convert("RGB")
    return image.convert("RGBA" if image.has_transparency_data else "RGB")


def _encoded(image: Image.Image, form: str) -> Picture:
    stream = BytesIO()
    image.save(stream, form, optimize=True, **_OPTIONS[form])
    return Picture(stream.getvalue(), f"image/{form.lower()}", image.width, image.height)


_OPTIONS: dict[str, dict[str, int]] = {"PNG": {}, "JPEG": {"quality": 90}}
