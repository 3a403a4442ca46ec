"""The letter that tells an owner what colleagues did, in the owner's language."""

from collections.abc import Iterator

from survey.catalogue import words
from survey.core.figures import whole_day
from survey.core.text import Locale
from survey.mail import Letter
from survey.services.digests import News, Work
from survey.services.report_inputs import CHINA


def letter(news: News, *, base_url: str, hours: int) -> Letter:
    """`hours` is the time in which there is one letter at most."""
    say = words(news.locale)
    title = news.title.in_(news.locale)
    subject = say.gettext("Qizhen: what your colleagues did in “%(title)s”") % {"title": title}
    return Letter(
        to=news.owner_email,
        subject=subject,
        body="\n".join(_lines(news, title, base_url, hours)),
        language=news.locale.html_lang,
    )


def _lines(news: News, title: str, base_url: str, hours: int) -> Iterator[str]:
    locale = news.locale
    say = words(locale)
    yield say.gettext("Dear %(name)s,") % {"name": news.owner_name}
    yield ""
    facts = {"firm": news.firm_name, "title": title}
    if news.since is None:
        yield say.gettext("This is what your colleagues at “%(firm)s” did in “%(title)s”:") % facts
    else:
        day = whole_day(news.since.astimezone(CHINA).date()).in_(locale)
        sentence = say.gettext(
            "This is what your colleagues at “%(firm)s” have done in “%(title)s” since %(day)s:"
        )
        yield sentence % {**facts, "day": day}
    for page, works in news.pages:
        yield ""
        yield page.in_(locale)
        yield from (line for work in works for line in _work(work, locale))
    yield ""
    yield say.gettext("The overview of all sections:")
    yield f"{base_url}/assessments/{news.assessment_id}"
    yield ""
    yield say.ngettext(
        "You get at most one such letter in %(num)d hour, and only if something has changed.",
        "You get at most one such letter in %(num)d hours, and only if something has changed.",
        hours,
    ) % {"num": hours}
    yield ""


def _work(work: Work, locale: Locale) -> Iterator[str]:
    say = words(locale)
    if work.answers:
        yield _line(
            say.ngettext(
                "- %(name)s: %(num)d answer changed",
                "- %(name)s: %(num)d answers changed",
                work.answers,
            ),
            work.name,
            work.answers,
        )
    if work.comments:
        yield _line(
            say.ngettext(
                "- %(name)s: %(num)d comment", "- %(name)s: %(num)d comments", work.comments
            ),
            work.name,
            work.comments,
        )
    if work.done:
        yield say.gettext("- %(name)s: “my part is done”") % {"name": work.name}


def _line(sentence: str, name: str, num: int) -> str:
    return sentence % {"name": name, "num": num}
