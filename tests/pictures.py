"""Small pictures that can be logos."""

from io import BytesIO

from PIL import Image


def a_logo(shade: int = 0) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (30, 10), (shade, 0, 0)).save(stream, "PNG")
    return stream.getvalue()
