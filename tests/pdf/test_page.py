"""The page before it is printed: nothing in a wrong language, nothing unescaped."""

import dataclasses
import itertools
import json
import re
from collections.abc import Callable
from pathlib import Path

import html5lib
import pytest
from markupsafe import escape

from survey.core.copies import Copy, Extent
from survey.core.parts import (
    GlossaryTerm,
    Report,
    Said,
    SaidRow,
    Standing,
    Typed,
    to_json,
)
from survey.core.text import Languages, Text
from survey.pdf import labels, page
from survey.pdf.look import Logo, Look
from tests import builders
from tests.pdf.conftest import EMPTY, LOOK, NAMES, PERFECT, TYPICAL, a_firms_report

HAN = re.compile("[\u4e00-\u9fff]")
SNAPSHOTS = Path(__file__).parent / "snapshots"


def on_paper(made: Report, languages: Languages, extent: Extent = Extent.FULL) -> str:
    return page.html(made, Copy(languages, extent), LOOK).html


def on_screen(made: Report, languages: Languages, extent: Extent = Extent.FULL) -> str:
    return page.screen(made, Copy(languages, extent), LOOK, nonce="abc")


Writer = Callable[[Report, Languages, Extent], str]
EDITIONS = pytest.mark.parametrize("write", [on_paper, on_screen])


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


@EDITIONS
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("extent", list(Extent))
def test_the_english_edition_has_no_chinese_but_what_the_firm_typed(
    name: str, extent: Extent, write: Writer
) -> None:
    made = dataclasses.replace(a_firms_report(name), firm=Typed("Ace Valves Ltd"))

    found = words_in(write(made, Languages.EN, extent))

    assert [words for words in found if HAN.search(words)] == []


@EDITIONS
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("extent", list(Extent))
def test_the_chinese_edition_has_no_english_sentence(
    name: str, extent: Extent, write: Writer
) -> None:
    found = words_in(write(a_firms_report(name), Languages.ZH, extent))

    sentence = re.compile(r"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}")
    assert [words for words in found if sentence.search(words)] == []


def test_both_editions_say_the_same_as_the_bilingual_one() -> None:
    made = a_firms_report(TYPICAL)
    both = on_paper(made, Languages.BOTH)

    for step in made.roadmap.first:
        assert step.what.zh in both
        assert escape(step.what.en) in both


def test_every_english_fragment_of_a_bilingual_page_is_marked() -> None:
    html = on_paper(a_firms_report(TYPICAL), Languages.BOTH)
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

    html = on_paper(made, Languages.EN)

    assert "<script" not in html
    assert 'lang="zh-CN" class="typed">&lt;script&gt;' in html


def test_a_firm_without_a_name_is_told_to_be_unnamed() -> None:
    made = dataclasses.replace(a_firms_report(EMPTY), firm=Typed(""))

    assert "Firm not named" in on_paper(made, Languages.EN)


def test_english_is_set_with_narrow_quotes() -> None:
    made = dataclasses.replace(
        a_firms_report(EMPTY), notice=Text(zh="“一”", en="the firm’s “own”…")
    )

    html = on_paper(made, Languages.BOTH)

    assert "“一”" in html
    assert "the firm&#39;s &#34;own&#34;..." in html


@pytest.mark.parametrize(
    ("name", "first", "absent"),
    [
        (EMPTY, ["summary", "collect", "position"], "—"),
        (TYPICAL, ["summary", "position", "sections"], "—"),
        (PERFECT, ["summary", "position", "sections"], "collect"),
    ],
)
def test_data_to_collect_come_first_where_little_is_known(
    name: str, first: list[str], absent: str
) -> None:
    found = page.chapters(a_firms_report(name), Extent.FULL)

    assert list(found)[:3] == first
    assert absent not in found
    assert [chapter.number for chapter in found.values()][-5:] == list("ABCDE")


def test_a_report_of_another_standing_still_lists_what_is_unknown_after_the_plan() -> None:
    made = a_firms_report(EMPTY)
    later = dataclasses.replace(made, standing=Standing.STARTING)

    keys = list(page.chapters(later, Extent.FULL))

    assert keys.index("collect") > keys.index("plan")


def test_a_step_that_the_sections_describe_is_only_named_among_the_later_ones() -> None:
    made = a_firms_report(TYPICAL)
    html = on_paper(made, Languages.ZH)
    told = {d.next_step.key for s in made.sections for d in s.domains if d.next_step}

    repeated = [step for step in made.roadmap.later if step.key in told]

    assert repeated
    assert all(html.count(step.what.zh) == 1 for step in repeated)
    assert all(step.title.zh in html for step in made.roadmap.later)


def test_the_short_edition_leaves_out_what_only_the_full_one_has() -> None:
    made = a_firms_report(TYPICAL)

    found = page.chapters(made, Extent.SHORT)

    assert not {"sections", "answers", "trace", "method", "glossary", "sources"} & set(found)


def test_the_issuer_stands_on_the_cover_and_beside_the_address_that_checks_the_report() -> None:
    look = dataclasses.replace(LOOK, issuer="<Ace> Services")

    html = page.html(a_firms_report(TYPICAL), Copy(Languages.EN), look).html

    assert html.count("&lt;Ace&gt; Services") == 2
    assert f'<a href="{LOOK.verify_url}">{LOOK.verify_url}</a>' in html


def test_the_cover_has_whole_rows_of_short_facts_and_fewer_beside_logos() -> None:
    made = a_firms_report(TYPICAL)
    logo = Look(logos=(Logo(b"x", "image/png", "Firm"),))

    facts = page.cover_facts(made, LOOK)

    assert len(facts) == 6
    assert made.profile[0] not in facts
    assert page.cover_facts(made, logo) == facts[:3]
    assert page.cover_facts(dataclasses.replace(made, profile=made.profile[:3]), LOOK) == []
    wordy = dataclasses.replace(made.profile[1], said=Said(None, Typed("长" * 30)))
    assert page.cover_facts(dataclasses.replace(made, profile=(wordy,) * 4), LOOK) == []


def test_long_sentences_on_the_summary_leave_no_room_for_proof() -> None:
    made = a_firms_report(TYPICAL)
    first = tuple(
        dataclasses.replace(step, proof=Text(zh="证" * 99, en="proof"))
        for step in made.roadmap.first
    )
    long = dataclasses.replace(made, roadmap=dataclasses.replace(made.roadmap, first=first))

    html = on_paper(long, Languages.BOTH, Extent.SHORT)

    assert made.roadmap.first[0].proof.zh in on_paper(made, Languages.BOTH, Extent.SHORT)
    assert "证" * 99 not in html


@EDITIONS
def test_what_moved_since_the_last_round_is_named_with_its_day(write: Writer) -> None:
    made = a_firms_report(TYPICAL)
    assert made.comparison is not None
    turned = dataclasses.replace(made.comparison, risen=(), fallen=made.comparison.risen)

    html = write(made, Languages.EN, Extent.FULL)
    other = write(dataclasses.replace(made, comparison=turned), Languages.EN, Extent.FULL)

    assert "20 November 2025" in html
    assert labels.RISEN.en in html
    assert labels.FALLEN.en not in html
    assert labels.FALLEN.en in other
    assert all(html.count(each.title.en) > 1 for each in made.comparison.risen)


def test_a_key_figure_says_by_how_much_it_moved_and_whether_for_the_better() -> None:
    up, better = Text(zh="上升8.0%", en="up 8.0%"), Text(zh="向好", en="for the better")

    assert page.followed(up, better) == Text(zh="上升8.0%，向好", en="up 8.0%, for the better")
    assert page.followed(up, None) == up
    assert page.followed(None, None) is None
    assert "up 8.0%, for the better" in on_paper(a_firms_report(TYPICAL), Languages.EN)


def test_where_little_is_known_the_summary_asks_for_what_matters_most() -> None:
    made = a_firms_report(EMPTY)
    html = on_paper(made, Languages.ZH)
    summary = html[html.index('class="summary"') : html.index('id="collect"')]

    asked = [item for item in made.unknowns.items if item.prompt.zh in summary]

    assert {item.key for item in asked} == {item.key for item in made.unknowns.first}


def of_rows(count: int) -> Said:
    text = Text(zh="甲", en="a")
    return Said(None, rows=tuple(SaidRow(text, text) for _ in range(count)))


def of_boxes(count: int) -> Said:
    return Said(Text(zh="；".join("甲" * count), en="; ".join("a" * count)))


@pytest.mark.parametrize("of", [of_rows, of_boxes])
def test_a_long_answer_is_shortened_beside_a_finding(of: Callable[[int], Said]) -> None:
    assert page.shortened(of(9)) == (
        of(4),
        Text(zh="另有5项，见附录A。", en="5 more in appendix A."),
    )
    assert page.shortened(of(5)) == (of(5), None)


def test_an_answer_whose_languages_have_different_parts_is_left_whole() -> None:
    said = Said(Text(zh="一；二；三；四；五；六", en="one; two"))

    assert page.shortened(said) == (said, None)
    assert page.shortened(Said(None, Typed("x"))) == (Said(None, Typed("x")), None)


def test_the_glossary_has_the_words_that_the_report_uses() -> None:
    made = a_firms_report(TYPICAL)
    meaning = Text(zh="义", en="meaning")
    used = [
        Text(zh="数字孪生（ZZZ）", en="digital twin (ZZZ)"),
        Text(zh="某某系统（QQQ）", en="some system (QQQ)"),
        Text(zh="蹊跷题", en="benchmark question"),
    ]
    strange = Text(zh="蹊跷词（蹊跷）", en="a word of nowhere (XQX)")
    terms = [GlossaryTerm(term.en, term, meaning) for term in (*used, strange)]
    notice = Text(zh="数字孪生与QQQ。", en="A Benchmark question.")

    found = page.terms(dataclasses.replace(made, glossary=tuple(terms), notice=notice))

    assert [term.term for term in found] == used
    without = dataclasses.replace(made, glossary=())
    assert "glossary" not in page.chapters(without, Extent.FULL)


def test_the_edition_for_browsers_needs_no_style_but_its_own_and_asks_nobody() -> None:
    look = Look(logos=(Logo(b"x", "image/png", "Firm"),), verify_url=LOOK.verify_url)
    html = page.screen(a_firms_report(TYPICAL), Copy(Languages.BOTH), look, nonce="abc")

    assert html.count("<style") == html.count('<style nonce="abc">') == 1
    assert " style=" not in html
    assert "<script" not in html
    assert re.findall(r'(?:src|href)="((?!#|data:(?:image/png;base64)?,)[^"]*)', html) == [
        LOOK.verify_url
    ]
    assert "url(" not in html
    assert 'alt="Firm"' in html


def test_without_a_nonce_the_edition_for_browsers_can_be_kept_as_a_file() -> None:
    html = page.screen(a_firms_report(EMPTY), Copy(Languages.EN), LOOK)

    assert "<style>" in html


@EDITIONS
@pytest.mark.parametrize("languages", list(Languages))
def test_every_heading_is_in_its_place(languages: Languages, write: Writer) -> None:
    html = write(a_firms_report(TYPICAL), languages, Extent.FULL)
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]

    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_the_accent_stands_in_every_style_sheet() -> None:
    for style in (page.PRINT_STYLE, page.SCREEN_STYLE):
        text = page.colours(style, "#5a2a6b")

        assert "#5a2a6b" in text
        assert "var(--" not in text


@pytest.mark.parametrize("languages", list(Languages))
def test_the_small_bank_reads_as_before(
    languages: Languages, request: pytest.FixtureRequest
) -> None:
    made = builders.a_report(builders.a_bank(), builders.FULL_ANSWERS)
    html = on_paper(made, languages)

    assert_snapshot(request, f"small-{languages}.html", html)


def test_the_small_bank_decides_as_before(request: pytest.FixtureRequest) -> None:
    made = builders.a_report(builders.a_bank(), builders.FULL_ANSWERS)
    plain = json.dumps(to_json(made), ensure_ascii=False, indent=1) + "\n"

    assert_snapshot(request, "small.json", plain)


def assert_snapshot(request: pytest.FixtureRequest, name: str, content: str) -> None:
    """Compare with what is stored; ``pytest --update-snapshots`` stores anew: read the diff."""
    path = SNAPSHOTS / name
    if request.config.getoption("--update-snapshots"):
        path.write_text(content, encoding="utf-8")
    assert content == path.read_text(encoding="utf-8"), "read the diff, then --update-snapshots"


@pytest.mark.parametrize("languages", [Languages.ZH, Languages.EN])
def test_without_an_issuer_the_product_is_named_in_the_language_of_the_copy(
    languages: Languages,
) -> None:
    html = page.html(a_firms_report(TYPICAL), Copy(languages), Look()).html

    own, other = labels.PRODUCT.zh, labels.PRODUCT.en
    if languages is Languages.EN:
        own, other = other, own
    assert f'<p class="cover-product">{own}</p>' in html
    assert f">{other}<" not in html
