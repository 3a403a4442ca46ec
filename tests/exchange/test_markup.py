"""HTML in imported texts becomes words, and what runs or loads is named."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.exchange.markup import LONGEST, plain


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a < b", "a < b"),
        ("R&D", "R&D"),
        ("R&amp;D &nbsp; x", "R&D x"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("One<br/>Two", "One\nTwo"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n\n- b"),
        ("<b>Bold</b> and <em style='x'>not</em>", "Bold and not"),
        ("Enter <your name> here", "Enter <your name> here"),
        ("if ${a} < 5 and ${b} > 3", "if ${a} < 5 and ${b} > 3"),
        ("<!-- hidden -->shown", "shown"),
        ("\u4e2d\u6587&nbsp;<strong>题</strong>", "中文 题"),
    ],
)
def test_words_stay_and_tags_become_breaks(raw: str, text: str) -> None:
    assert plain(raw).text == text
    assert plain(raw).dropped == ()


@pytest.mark.parametrize(
    ("raw", "text", "dropped"),
    [
        ("Q<script>alert(1)</script>", "Q", "<script>"),
        ("&lt;script&gt;alert(1)&lt;/script&gt; x", "x", "<script>"),
        ("&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt; x", "x", "<script>"),
        ("<p onclick='go()'>Q</p>", "Q", "onclick"),
        ("<img src='http://elsewhere.example/a.png'>Q", "Q", "src=http://elsewhere.example/a.png"),
        ("<a href='javascript:alert(1)'>Q</a>", "Q", "href=javascript:alert(1)"),
        ("<iframe src=x></iframe>Q", "Q", "<iframe>"),
        ("<svg><script>alert(1)</script></svg>Q", "Q", "<svg>"),
        ("<odd-one onfocus=alert(1)>Q</odd-one >", "Q", "onfocus"),
        ("<input value=1>Q", "Q", "<input>"),
    ],
)
def test_what_runs_listens_or_loads_is_dropped_and_named(raw: str, text: str, dropped: str) -> None:
    found = plain(raw)

    assert found.text.startswith(text)
    assert "<script" not in found.text
    assert "alert" not in found.text
    assert dropped in found.dropped


def test_signs_that_no_page_shows_are_counted() -> None:
    found = plain("a\x00b\u202ec\u200b")

    assert (found.text, found.signs) == ("abc", 3)


def test_a_text_of_any_length_is_cut_at_the_longest_there_may_be() -> None:
    found = plain("字" * (LONGEST + 7))

    assert (len(found.text), found.cut) == (LONGEST, 7)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "</",
                "/>",
                "script",
                "b",
                "p",
                " on=x",
                "&lt;",
                "&#60;",
                "&",
                ";",
                "字",
                "a",
                "<!--",
                "-->",
                "\x00",
                '"',
                "'",
                "<svg",
                "<a href=",
                "]]>",
                "style",
            ]
        )
    )
)
def test_nothing_that_a_browser_would_run_is_left_whatever_is_given(parts: list[str]) -> None:
    found = plain("".join(parts))

    assert "<script" not in found.text.lower()
    assert "\x00" not in found.text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Is a<b or c?", "Is a< b or c?"),
        ("Enter <title> of <person>", "Enter < title> of <person>"),
        ("<title>t</title> x", "t x"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
    ],
)
def test_what_only_looks_like_an_element_stays_as_words(raw: str, text: str) -> None:
    assert (plain(raw).text, plain(raw).dropped) == (text, ())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Use &lt;b&gt; for bold", "Use <b> for bold"),
        ("<p>Use &lt;b&gt;bold&lt;/b&gt;</p>", "Use <b>bold</b>"),
        (
            "&amp;lt;b&amp;gt; is written &amp;amp;lt;b&amp;amp;gt;",
            "&lt;b&gt; is written &amp;lt;b&amp;gt;",
        ),
        ("5 &lt; 6 &amp;amp; 7", "5 < 6 &amp; 7"),
        ("&lt;b onclick=go()&gt;x&lt;/b&gt;", "x"),
        ("Write &lt;a href", "Write < a href"),
        ('&lt;odd<" onclick=go()>', '< odd<" onclick=go()>'),
    ],
)
def test_what_was_escaped_for_people_to_read_stays_unless_it_would_run(raw: str, text: str) -> None:
    assert plain(raw).text == text


@pytest.mark.parametrize(
    ("raw", "lost"),
    [
        ("<svg><title>Words</title></svg>Q", ("Words",)),
        ("<template>t</template>Q <b>and</b>", ("t",)),
        ("<!-- c -->Q<style>p {}</style>", ()),
    ],
)
def test_words_that_go_with_an_element_are_kept(raw: str, lost: tuple[str, ...]) -> None:
    assert plain(raw).lost == lost


def test_the_words_of_a_picture_are_named() -> None:
    assert plain("<img alt='A red lamp' src=x.png>").dropped == (
        "<img>",
        "alt=A red lamp",
        "src=x.png",
    )


@pytest.mark.parametrize("unit", ["<a ", '<a b="', "<name ", "&lt;a ", "<!--", "<"])
def test_a_text_of_nothing_but_beginnings_is_cut_and_read_once(unit: str) -> None:
    found = plain(unit * 300_000)

    assert len(found.text) <= LONGEST
    assert found.cut > 0
