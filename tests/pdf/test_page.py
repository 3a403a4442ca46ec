"""The page before it is printed: nothing in a wrong language, nothing unescaped."""

import dataclasses
import json
import re
from pathlib import Path

import html5lib
import pytest
from markupsafe import escape

from survey.core.parts import Said, Standing, Typed, to_json
from survey.core.text import Languages, Text
from survey.pdf import labels, page
from tests import builders
from tests.core.test_report import a_report
from tests.pdf.conftest import EMPTY, NAMES, PERFECT, TYPICAL, a_firms_report

HAN = re.compile("[\u4e00-\u9fff]")
SNAPSHOTS = Path(__file__).parent / "snapshots"


def words_in(html: str, *, without: str = "typed") -> list[str]:
    """The text of each element that has some, except what firms typed."""
    tree = html5lib.parse(html, namespaceHTMLElements=False)
    found: list[str] = []

    def walk(element: object) -> None:
        if element.tag == "style" or without in (element.get("class") or "").split():  # type: ignore[attr-defined]
            return
        found.extend(filter(None, [element.text and element.text.strip()]))  # type: ignore[attr-defined]
        for child in element:  # type: ignore[attr-defined]
            walk(child)
            found.extend(filter(None, [child.tail and child.tail.strip()]))

    walk(tree)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_english_edition_has_no_chinese_but_what_the_firm_typed(name: str) -> None:
    made = dataclasses.replace(a_firms_report(name), firm=Typed("Ace Valves Ltd"))

    found = words_in(page.html(made, Languages.EN))

    assert [words for words in found if HAN.search(words)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_chinese_edition_has_no_english_sentence(name: str) -> None:
    found = words_in(page.html(a_firms_report(name), Languages.ZH))

    sentence = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
    assert [words for words in found if sentence.search(words)] == []


def test_both_editions_say_the_same_as_the_bilingual_one() -> None:
    made = a_firms_report(TYPICAL)
    both = page.html(made, Languages.BOTH)

    for step in made.roadmap.first:
        assert step.what.zh in both
        assert escape(step.what.en) in both


def test_every_english_fragment_of_a_bilingual_page_is_marked() -> None:
    html = page.html(a_firms_report(TYPICAL), Languages.BOTH)
    unmarked = re.sub(r'<(\w+)[^>]* lang="en".*?</\1>', "", html, flags=re.DOTALL)
    body = unmarked[unmarked.index('class="summary"') :]

    left = [words for words in words_in(body) if re.search(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}", words)]

    assert left == []


def test_every_fixed_word_is_written_in_both_languages() -> None:
    texts = [value for value in vars(labels).values() if isinstance(value, Text)]

    assert len(texts) > 50
    assert all(HAN.search(text.zh) and not HAN.search(text.en) for text in texts)


def test_what_a_firm_typed_is_escaped_and_carries_its_language() -> None:
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed("<script>alert(1)</script> 公司"))

    html = page.html(made, Languages.EN)

    assert "<script" not in html
    assert 'lang="zh-CN" class="typed">&lt;script&gt;' in html


def test_a_firm_without_a_name_is_told_to_be_unnamed() -> None:
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed(""))

    assert "Firm not named" in page.html(made, Languages.EN)


def test_english_is_set_with_narrow_quotes() -> None:
    made = dataclasses.replace(
        a_firms_report(EMPTY), notice=Text(zh="“一”", en="the firm’s “own”…")
    )

    html = page.html(made, Languages.BOTH)

    assert "“一”" in html
    assert "the firm&#39;s &#34;own&#34;..." in html


@pytest.mark.parametrize(
    ("name", "first", "absent"),
    [
        (EMPTY, ["summary", "collect", "position"], "—"),
        (TYPICAL, ["summary", "position", "next-level"], "—"),
        (PERFECT, ["summary", "position", "next-level"], "collect"),
    ],
)
def test_data_to_collect_come_first_where_little_is_known(
    name: str, first: list[str], absent: str
) -> None:
    found = page.chapters(a_firms_report(name))

    assert list(found)[:3] == first
    assert absent not in found
    assert [chapter.number for chapter in found.values()][-5:] == list("ABCDE")


def test_a_report_of_another_standing_still_lists_what_is_unknown_after_the_plan() -> None:
    made = a_firms_report(EMPTY)
    later = dataclasses.replace(made, standing=Standing.STARTING)

    keys = list(page.chapters(later))

    assert keys.index("collect") == keys.index("plan") + 1


def test_a_long_answer_is_not_repeated_beside_its_step() -> None:
    step = a_firms_report(TYPICAL).roadmap.first[0]
    typed = dataclasses.replace(step, said=Said(None, Typed("x")))
    made = a_firms_report(TYPICAL)
    changed = dataclasses.replace(made, roadmap=dataclasses.replace(made.roadmap, first=(typed,)))

    assert page.html(changed, Languages.ZH)


@pytest.mark.parametrize("languages", list(Languages))
def test_the_small_bank_reads_as_before(
    languages: Languages, request: pytest.FixtureRequest
) -> None:
    made = a_report(builders.a_bank(), builders.FULL_ANSWERS)
    html = page.html(made, languages)

    assert_snapshot(request, f"small-{languages}.html", html)


def test_the_small_bank_decides_as_before(request: pytest.FixtureRequest) -> None:
    made = a_report(builders.a_bank(), builders.FULL_ANSWERS)
    plain = json.dumps(to_json(made), ensure_ascii=False, indent=1) + "\n"

    assert_snapshot(request, "small.json", plain)


def assert_snapshot(request: pytest.FixtureRequest, name: str, content: str) -> None:
    """Compare with what is stored; ``pytest --update-snapshots`` stores anew: read the diff."""
    path = SNAPSHOTS / name
    if request.config.getoption("--update-snapshots"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text(encoding="utf-8"), "read the diff, then --update-snapshots"
