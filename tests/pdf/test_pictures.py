"""Logos: drawn anew from their pixels; everything that is no plain picture is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from survey.core.errors import SurveyError
from survey.pdf import pictures


def encoded(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    stream = BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def a_picture(
    mode: str = "RGB", size: tuple[int, int] = (40, 20), colour: Any = None
) -> Image.Image:
    return Image.new(mode, size, colour if colour is not None else 0)


def decoded(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def a_png(width: int, height: int, *, pixels: bytes = b"", passes: int = 1) -> bytes:
    """A PNG whose header promises so many pixels, whatever follows it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, passes > 1)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def interlaced(width: int, height: int, *, left_out: int = 0) -> bytes:
    """A black PNG that is sent in seven passes, perhaps without its last bytes."""
    columns = [range(0, width, 8), range(4, width, 8), range(0, width, 4), range(2, width, 4),
               range(0, width, 2), range(1, width, 2), range(width)]  # fmt: skip
    rows = [range(0, height, 8), range(0, height, 8), range(4, height, 8), range(0, height, 4),
            range(2, height, 4), range(0, height, 2), range(1, height, 2)]  # fmt: skip
    size = sum(len(y) * (1 + 3 * len(x)) for x, y in zip(columns, rows, strict=True) if x)
    return a_png(width, height, pixels=bytes(size - left_out), passes=7)


# ----------------------------------------------------------------------- taken


@pytest.mark.parametrize(("form", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_plain_picture_keeps_its_form(form: str, media_type: str) -> None:
    picture = pictures.clean(encoded(a_picture(colour=(200, 30, 30)), form))

    assert (picture.media_type, picture.width, picture.height) == (media_type, 40, 20)
    red, green, _ = decoded(picture.content).convert("RGB").getpixel((5, 5))  # type: ignore[misc]  # three parts
    assert red > 180
    assert green < 50


def test_a_large_picture_becomes_smaller_and_keeps_its_proportions() -> None:
    picture = pictures.clean(encoded(a_picture(size=(2400, 800))))

    assert (picture.width, picture.height) == (600, 200)
    assert decoded(picture.content).size == (600, 200)


def test_a_small_picture_is_not_made_larger() -> None:
    picture = pictures.clean(encoded(a_picture(size=(12, 9))))

    assert (picture.width, picture.height) == (12, 9)


def test_a_very_long_picture_keeps_at_least_one_pixel() -> None:
    picture = pictures.clean(encoded(a_picture(size=(8000, 2))))

    assert (picture.width, picture.height) == (600, 1)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "P"])
def test_transparency_is_kept(mode: str) -> None:
    clear = a_picture("RGBA", colour=(10, 120, 60, 0))
    image = clear.quantize() if mode in ("P", "PA") else clear.convert(mode)

    picture = pictures.clean(encoded(image))

    assert picture.media_type == "image/png"
    assert decoded(picture.content).convert("RGBA").getpixel((1, 1))[3] == 0  # type: ignore[index]  # four parts


def test_sixteen_bits_of_grey_become_eight_and_keep_their_shade() -> None:
    picture = pictures.clean(encoded(a_picture("I;16", colour=32896)))

    assert decoded(picture.content).convert("RGB").getpixel((1, 1)) == (128, 128, 128)


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_other_kinds_of_colour_become_red_green_and_blue(mode: str) -> None:
    form = "JPEG" if mode in ("CMYK", "YCbCr") else "PNG"

    picture = pictures.clean(encoded(a_picture(mode), form))

    assert decoded(picture.content).mode == "RGB"


def test_of_a_moving_picture_the_first_one_is_kept() -> None:
    first, second = a_picture(colour=(255, 0, 0)), a_picture(colour=(0, 0, 255))
    moving = encoded(first, save_all=True, append_images=[second])

    kept = decoded(pictures.clean(moving).content)

    assert getattr(kept, "n_frames", 1) == 1
    assert kept.convert("RGB").getpixel((1, 1)) == (255, 0, 0)


def test_a_photograph_taken_upright_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by a quarter

    picture = pictures.clean(encoded(a_picture(size=(40, 20)), "JPEG", exif=exif))

    assert (picture.width, picture.height) == (20, 40)


def test_nothing_but_the_pixels_is_kept() -> None:
    info = PngInfo()
    info.add_text("Comment", "taken at 31.2 N 121.5 E")
    exif = Image.Exif()
    exif[0x010E] = "secret words"
    png = encoded(a_picture(), pnginfo=info, icc_profile=b"a profile", dpi=(300, 300))
    jpeg = encoded(a_picture(), "JPEG", exif=exif, comment=b"secret words")

    for content in (png, jpeg):
        kept = pictures.clean(content).content
        assert b"taken at" not in kept
        assert b"secret" not in kept
        assert not decoded(kept).getexif()
        assert "icc_profile" not in decoded(kept).info


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_what_hides_behind_a_picture_is_left_behind(form: str) -> None:
    polyglot = encoded(a_picture(), form) + b"PK\x03\x04<script>alert(1)</script>%PDF-1.7"

    kept = pictures.clean(polyglot).content

    for hidden in (b"PK\x03\x04", b"<script>", b"%PDF"):
        assert hidden not in kept


def test_the_same_picture_gives_the_same_bytes() -> None:
    content = encoded(a_picture("RGBA", (900, 300), (10, 120, 60, 90)))

    assert pictures.clean(content) == pictures.clean(content)


# --------------------------------------------------------------------- refused


def refused(content: bytes) -> SurveyError:
    with pytest.raises(SurveyError) as refusal:
        pictures.clean(content)
    return refusal.value


def test_ten_megabytes_are_refused_before_anybody_looks_at_them() -> None:
    refusal = refused(b"\x89PNG" + bytes(10 * 1024 * 1024))

    assert (refusal.code, refusal.facts) == ("logo-too-large", {"most": 2})


@pytest.mark.parametrize(("width", "height"), [(60_000, 60_000), (4001, 4000), (16_000_001, 1)])
def test_a_header_that_promises_too_many_pixels_is_refused_before_they_are_made(
    width: int, height: int
) -> None:
    refusal = refused(a_png(width, height))

    assert (refusal.code, refusal.facts) == ("logo-too-many-pixels", {"most": 16})


@pytest.mark.parametrize(
    "content",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b'\xef\xbb\xbf  <?xml version="1.0"?><svg><image href="http://10.0.0.1/x.png"/></svg>',
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        b"<!-- a drawing --><svg/>",
        b'<ns:svg xmlns:ns="http://www.w3.org/2000/svg"/>',
    ],
)
def test_a_vector_drawing_has_a_sentence_of_its_own(content: bytes) -> None:
    assert refused(content).code == "logo-is-svg"


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a" + bytes(20), b"BM" + bytes(60), b"%PDF-1.7", b"MZ\x90", "标志".encode()],
)
def test_anything_else_is_no_picture(content: bytes) -> None:
    assert refused(content).code == "logo-not-a-picture"


KINDS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "PNG": ("RGB", "PNG", {}),
    "PNG with transparency": ("RGBA", "PNG", {}),
    "PNG with a palette": ("P", "PNG", {}),
    "PNG of one bit": ("1", "PNG", {}),
    "baseline JPEG": ("RGB", "JPEG", {}),
    "progressive JPEG": ("RGB", "JPEG", {"progressive": True}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_cut_off_anywhere_is_refused(kind: str) -> None:
    mode, form, options = KINDS[kind]
    whole = encoded(Image.effect_noise((200, 200), 80).convert(mode), form, **options)
    tenths = [len(whole) * tenth // 10 for tenth in range(1, 10)]

    for length in (8, *tenths, *range(len(whole) - 16, len(whole))):
        assert refused(whole[:length]).code == "logo-unreadable", length
    pictures.clean(whole)


@pytest.mark.parametrize("rows", [1, 5, 9])
def test_a_picture_that_ends_properly_before_all_its_pixels_is_refused(rows: int) -> None:
    assert refused(a_png(10, 10, pixels=bytes(31 * rows))).code == "logo-unreadable"


@pytest.mark.parametrize(("width", "height"), [(1, 1), (3, 2), (5, 1), (9, 13)])
def test_an_interlaced_picture_is_whole_if_all_its_passes_are_there(
    width: int, height: int
) -> None:
    whole = interlaced(width, height)

    assert pictures.clean(whole).width == width
    assert refused(interlaced(width, height, left_out=1)).code == "logo-unreadable"


def test_a_picture_that_was_tampered_with_is_refused() -> None:
    whole = bytearray(encoded(Image.effect_noise((200, 200), 80).convert("RGB")))
    whole[len(whole) // 2] ^= 0xFF

    assert refused(bytes(whole)).code == "logo-unreadable"


def test_a_picture_that_is_gone_over_again_and_again_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = encoded(a_picture("L", (4000, 4000), 128), "JPEG", progressive=True)
    last = whole[max(whole.rindex(b"\xff\xc4"), 0) : -2]
    assert last.count(b"\xff\xda") == 1
    decoded: list[ImageFile.ImageFile] = []

    def load(image: ImageFile.ImageFile) -> None:
        decoded.append(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", load)

    assert refused(whole[:-2] + last * 2000 + whole[-2:]).code == "logo-unreadable"

    assert decoded == []
    monkeypatch.undo()
    assert pictures.clean(whole).width == pictures.LONGEST_SIDE


def test_a_header_without_its_pixels_is_refused() -> None:
    assert refused(a_png(10, 10)).code == "logo-unreadable"
    assert refused(a_png(0, 10)).code == "logo-unreadable"


def test_a_text_that_unpacks_to_very_much_is_refused() -> None:
    info = PngInfo()
    info.add_text("Comment", "x" * 80_000_000, zip=True)

    assert refused(encoded(a_picture(), pnginfo=info)).code == "logo-unreadable"
