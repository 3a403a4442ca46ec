"""Files as a browser sends them. The test client would leave large ones open behind it."""

from io import BytesIO

from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from tests.browser import Browser, Page


def upload(browser: Browser, address: str, content: bytes, *, name: str = "report.pdf") -> Page:
    file = FileStorage(BytesIO(content), name)
    boundary, body = encode_multipart({"csrf_token": browser.token(), "file": file})
    return browser.send_raw(address, body, content_type=f"multipart/form-data; boundary={boundary}")
