"""A radar as Word draws it: a chart of its own, whose colours and words a consultant can change."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

from survey.core.figures import one_decimal

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"

_SPACES = (
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)


def radar(
    names: Sequence[str], values: Sequence[Decimal | None], *, colour: str, fonts: tuple[str, str]
) -> bytes:
    """The chart's XML. A value that is None leaves a gap; `fonts` are Latin and Chinese."""
    latin, han = fonts
    accent = colour.lstrip("#")
    words = "".join(_points(names))
    figures = "".join(_points([None if v is None else one_decimal(v) for v in values]))
    count = f'<c:ptCount val="{len(names)}"/>'
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<c:chartSpace {_SPACES}><c:roundedCorners val="0"/><c:chart><c:autoTitleDeleted val="1"/>
<c:plotArea><c:layout/><c:radarChart><c:radarStyle val="marker"/><c:varyColors val="0"/>
<c:ser><c:idx val="0"/><c:order val="0"/>
<c:spPr>{_line(accent, 28575)}</c:spPr>
<c:marker><c:symbol val="circle"/><c:size val="6"/><c:spPr><a:solidFill><a:srgbClr val="FFFFFF"/>\
</a:solidFill>{_line(accent, 15875)}</c:spPr></c:marker>
<c:cat><c:strLit>{count}{words}</c:strLit></c:cat>
<c:val><c:numLit><c:formatCode>0.0</c:formatCode>{count}{figures}</c:numLit></c:val></c:ser>
<c:axId val="1"/><c:axId val="2"/></c:radarChart>
<c:catAx><c:axId val="1"/><c:scaling><c:orientation val="minMax"/></c:scaling><c:delete val="0"/>
<c:axPos val="b"/><c:majorGridlines><c:spPr>{_line("C9D3D6", 6350)}</c:spPr></c:majorGridlines>
<c:numFmt formatCode="General" sourceLinked="0"/><c:majorTickMark val="none"/>
<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="2"/>
<c:crosses val="autoZero"/></c:catAx>
<c:valAx><c:axId val="2"/><c:scaling><c:orientation val="minMax"/><c:max val="100"/>\
<c:min val="0"/></c:scaling><c:delete val="0"/><c:axPos val="l"/>
<c:majorGridlines><c:spPr>{_line("C9D3D6", 6350)}</c:spPr></c:majorGridlines>
<c:numFmt formatCode="0" sourceLinked="0"/><c:majorTickMark val="none"/>
<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/>
<c:spPr>{_line("C9D3D6", 6350)}</c:spPr><c:crossAx val="1"/><c:crosses val="autoZero"/>
<c:crossBetween val="between"/><c:majorUnit val="20"/></c:valAx></c:plotArea>
<c:plotVisOnly val="1"/><c:dispBlanksAs val="gap"/></c:chart>
<c:spPr><a:noFill/><a:ln><a:noFill/></a:ln></c:spPr>
<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="900"><a:latin typeface="{latin}"/>\
<a:ea typeface="{han}"/></a:defRPr></a:pPr><a:endParaRPr lang="zh-CN"/></a:p></c:txPr>
</c:chartSpace>""".encode()


def _points(values: Sequence[str | None]) -> Iterator[str]:
    for at, value in enumerate(values):
        if value is not None:
            yield f'<c:pt idx="{at}"><c:v>{escape(value)}</c:v></c:pt>'


def _line(colour: str, width: int) -> str:
    fill = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    return f'<a:ln w="{width}">{fill}</a:ln>'
