"""Zip packages whose bytes repeat: documents of office programmes are packed so."""

import zipfile
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from types import MappingProxyType


def repacked(
    package: bytes, day: date, changed: Mapping[str, bytes] = MappingProxyType({})
) -> bytes:
    """The same package with every date set to `day`, and the parts named in `changed` replaced."""
    packed = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(package)) as old,
        zipfile.ZipFile(packed, "w", compresslevel=9) as new,
    ):
        for name in old.namelist():
            part = zipfile.ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o600 << 16
            part.create_system = 3
            new.writestr(part, changed[name] if name in changed else old.read(name))
    return packed.getvalue()
