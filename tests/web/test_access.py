"""Every route as every role, and as somebody of another firm: nothing answers undeclared.

What a view is declared for is written here a second time, so that opening a view to more
people is always a change in two places.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from survey.core.colour import ACCENT
from survey.core.copies import Copy
from survey.core.text import Languages
from survey.services import archives, packs, reports
from survey.services.people import Actor
from survey.web.access import Role, declared
from tests.browser import Browser
from tests.stored import (
    a_consultant,
    a_file,
    a_firm,
    a_member,
    a_submitted_assessment,
    an_administrator,
)
from tests.web.people import browser_of

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

PUBLIC = {Role.PUBLIC}
SIGNED_IN = {Role.SIGNED_IN}
FIRM = {Role.FIRM}
OWNER = {Role.OWNER}
CONSULTANT = {Role.CONSULTANT}
ADMINISTRATOR = {Role.ADMINISTRATOR}
READERS = FIRM | CONSULTANT | ADMINISTRATOR

EXPECTED: Mapping[str, set[Role]] = {
    "static": PUBLIC,
    "bootstrap.static": PUBLIC,
    "public.index": PUBLIC,
    "public.language": PUBLIC,
    "public.healthz": PUBLIC,
    "public.result_schema": PUBLIC,
    "public.bank_schema": PUBLIC,
    "verify.index": PUBLIC,
    "verify.report": PUBLIC,
    "firm.home": FIRM,
    "firm.start": FIRM,
    "firm.hub": FIRM,
    "firm.check": FIRM,
    "firm.go_on": FIRM,
    "firm.submit": OWNER,
    "firm.result": READERS,
    "firm.trace": READERS,
    "firm.missing": FIRM,
    "sharing.page": OWNER,
    "sharing.save": OWNER,
    "sharing.finish": FIRM,
    "sharing.take_up_again": FIRM,
    "discussion.question": FIRM,
    "discussion.add": FIRM,
    "discussion.withdraw": FIRM,
    "reopening.page": OWNER,
    "reopening.reopen": OWNER,
    "reopening.begin_review": CONSULTANT,
    "reopening.end_review": CONSULTANT,
    "reopening.giving_back": CONSULTANT,
    "reopening.give_back": CONSULTANT,
    "discarding.page": OWNER,
    "discarding.listed": OWNER,
    "discarding.restore": OWNER,
    "moving.page": OWNER,
    "moving.move": OWNER,
    "moving.moves": FIRM,
    "targets.choose": FIRM,
    "targets.save": FIRM,
    "what_if.page": READERS,
    "answering.page": FIRM,
    "answering.answer": FIRM,
    "answering.present": FIRM,
    "answering.token": FIRM,
    "evidence.add": FIRM,
    "evidence.upload": FIRM,
    "evidence.question": FIRM,
    "evidence.listed": FIRM,
    "evidence.index": FIRM | CONSULTANT,
    "evidence.file": FIRM | CONSULTANT,
    "evidence.remove": FIRM,
    "packs.bank": FIRM,
    "packs.ask": FIRM,
    "packs.bank_workbook": FIRM,
    "packs.show": FIRM,
    "packs.state": FIRM,
    "packs.file": FIRM,
    "packs.retry": FIRM,
    "packs.page": FIRM,
    "packs.ask_for_assessment": FIRM,
    "packs.workbook": FIRM,
    "packs.load": FIRM,
    "packs.save": FIRM,
    "reports.index": READERS,
    "reports.ask": READERS,
    "reports.edition": READERS,
    "reports.show": READERS,
    "reports.state": READERS,
    "reports.file": READERS,
    "reports.cancel": READERS,
    "reports.retry": READERS,
    "archives.index": CONSULTANT | ADMINISTRATOR,
    "archives.ask": CONSULTANT | ADMINISTRATOR,
    "archives.show": CONSULTANT | ADMINISTRATOR,
    "archives.state": CONSULTANT | ADMINISTRATOR,
    "archives.again": CONSULTANT | ADMINISTRATOR,
    "archives.file": CONSULTANT | ADMINISTRATOR,
    "logos.firm": FIRM,
    "logos.save_firm": OWNER,
    "logos.remove_firm": OWNER,
    "logos.firm_picture": FIRM,
    "logos.consultant": CONSULTANT,
    "logos.save_consultant": CONSULTANT,
    "logos.remove_consultant": CONSULTANT,
    "logos.consultant_picture": CONSULTANT,
    "account.register": PUBLIC,
    "account.registered": PUBLIC,
    "account.confirm": PUBLIC,
    "account.people": FIRM,
    "account.leave": FIRM,
    "account.remove_colleague": OWNER,
    "account.set_scope": OWNER,
    "account.rename": OWNER,
    "invitations.index": OWNER,
    "invitations.withdraw": OWNER,
    "invitations.open_link": PUBLIC,
    "invitations.join": PUBLIC,
    "account.settings": SIGNED_IN,
    "account.sign_out_everywhere": SIGNED_IN,
    "security.login": PUBLIC,
    "security.logout": SIGNED_IN,
    "security.verify": SIGNED_IN,
    "security.forgot_password": PUBLIC,
    "security.reset_password": PUBLIC,
    "security.change_password": SIGNED_IN,
    "security.two_factor_setup": PUBLIC,
    "security.two_factor_setup_validate": SIGNED_IN,
    "security.two_factor_token_validation": PUBLIC,
    "security.two_factor_rescue": PUBLIC,
    "security.tf_select": PUBLIC,
    "security.mf_recovery": PUBLIC,
    "security.mf_recovery_codes": SIGNED_IN,
    "consultant.index": CONSULTANT,
    "consultant.firm": CONSULTANT,
    "admin.index": ADMINISTRATOR,
    "versions.index": ADMINISTRATOR,
    "versions.show": ADMINISTRATOR,
    "versions.retire": ADMINISTRATOR,
    "versions.begin": ADMINISTRATOR,
    "versions.discard": ADMINISTRATOR,
    "versions.restore": ADMINISTRATOR,
    "publishing.index": ADMINISTRATOR,
    "publishing.publish": ADMINISTRATOR,
    "publishing.waive": ADMINISTRATOR,
    "publishing.withdraw": ADMINISTRATOR,
    "trials.ask": ADMINISTRATOR,
    "trials.show": ADMINISTRATOR,
    "trials.state": ADMINISTRATOR,
    "trials.file": ADMINISTRATOR,
    "compare.index": ADMINISTRATOR,
    "history.index": ADMINISTRATOR,
    "history.undo": ADMINISTRATOR,
    "versions.file": ADMINISTRATOR,
    "exchange.index": ADMINISTRATOR,
    "exchange.export": ADMINISTRATOR,
    "exchange.file": ADMINISTRATOR,
    "exchange.template": ADMINISTRATOR,
    "exchange.compare": ADMINISTRATOR,
    "exchange.apply": ADMINISTRATOR,
    "exchange.new": ADMINISTRATOR,
    "exchange.look": ADMINISTRATOR,
    "exchange.begin": ADMINISTRATOR,
    "admin.firms": ADMINISTRATOR,
    "admin.firm": ADMINISTRATOR,
    "admin.assign": ADMINISTRATOR,
    "admin.unassign": ADMINISTRATOR,
    "admin.users": ADMINISTRATOR,
    "admin.add_user": ADMINISTRATOR,
    "admin.user": ADMINISTRATOR,
    "admin.set_role": ADMINISTRATOR,
    "admin.deactivate": ADMINISTRATOR,
    "admin.activate": ADMINISTRATOR,
    "admin.reset_second_step": ADMINISTRATOR,
    "admin.log": ADMINISTRATOR,
    "doctor.index": ADMINISTRATOR,
    "conditions.draw": ADMINISTRATOR,
    "tree.index": ADMINISTRATOR,
    "tree.add": ADMINISTRATOR,
    "tree.move": ADMINISTRATOR,
    "tree.moving": ADMINISTRATOR,
    "tree.duplicate": ADMINISTRATOR,
    "tree.deleting": ADMINISTRATOR,
    "tree.delete": ADMINISTRATOR,
    "tree.kind": ADMINISTRATOR,
    "tree.change_kind": ADMINISTRATOR,
    "parts.edit": ADMINISTRATOR,
    "parts.save": ADMINISTRATOR,
    "parts.check": ADMINISTRATOR,
    "preview.index": ADMINISTRATOR,
    "preview.state": ADMINISTRATOR,
    "translations.index": ADMINISTRATOR,
    "translations.save": ADMINISTRATOR,
    "translation_files.po": ADMINISTRATOR,
    "translation_files.xlsx": ADMINISTRATOR,
    "translation_files.load": ADMINISTRATOR,
    "translation_files.apply": ADMINISTRATOR,
    "weights.index": ADMINISTRATOR,
    "weights.save": ADMINISTRATOR,
    "weighing.index": ADMINISTRATOR,
    "dry_run.index": ADMINISTRATOR,
    "dry_run.result": ADMINISTRATOR,
}

NEVER_REFUSED = (200, 302, 303, 304, 400, 404, 405, 413, 415, 422, 429)
"""What a view may say to people it is declared for; 401 and 403 would be a contradiction."""


def test_every_view_says_who_may_call_it(app: Flask) -> None:
    silent = {
        rule.endpoint for rule in app.url_map.iter_rules() if not declared(app, rule.endpoint)
    }

    assert not silent, f"put @allow(...) directly below the route of {sorted(silent)}"


def test_every_view_is_declared_for_those_it_is_meant_for(app: Flask) -> None:
    found = {rule.endpoint: set(declared(app, rule.endpoint)) for rule in app.url_map.iter_rules()}

    assert found == dict(EXPECTED), "say in EXPECTED who the view is meant for, and why not fewer"


class People:
    """One of each, and a submitted assessment with a report of the first firm."""

    def __init__(self, session: Session) -> None:
        firm, self.owner = a_firm(session)
        self.firm_id = firm.id
        _, self.stranger = a_firm(session, "远山机械有限公司")
        self.member = a_member(session, firm)
        self.assigned = a_consultant(session, firm)
        self.unassigned = a_consultant(session, name="林顾问")
        self.administrator = an_administrator(session)
        assessment = a_submitted_assessment(session, self.owner)
        self.assessment_id = assessment.id
        self.version_id = assessment.bank_version_id
        now = datetime.now(UTC)
        self.pack_id = packs.ask_for_assessment(
            session,
            self.owner,
            assessment.id,
            languages=Languages.ZH,
            accent=ACCENT,
            folder=Path(),
            now=now,
        ).id
        copy = Copy(Languages.ZH)
        self.report_id = reports.ask(session, self.owner, assessment.id, copy, now=now).id
        self.file_id = a_file(session, self.owner, self.assessment_id).id
        self.archive_id = archives.ask(session, self.assigned, [firm.id], copy, now=now).id

    def facts(self) -> Mapping[str, object]:
        return {
            "assessment_id": self.assessment_id,
            "report_id": self.report_id,
            "number": self.report_id,
            "archive_id": self.archive_id,
            "pack_id": self.pack_id,
            "trial_id": self.pack_id,
            "firm_id": self.firm_id,
            "version_id": self.version_id,
            "place": "sections/everything",
            "user_id": self.member.user_id,
            "page_key": "everything",
            "section_key": "everything",
            "question_key": "years",
            "upload_id": self.file_id,
            "file_id": self.file_id,
            "invitation_id": 1,
            "comment_id": 1,
            "edit_id": 1,
            "token": "none",
            "filename": "qizhen.css",
            "name": "yaml",
        }


def addresses(app: Flask, people: People) -> Iterator[tuple[str, str, str]]:
    """Endpoint, method and address of every route, with what belongs to the first firm."""
    places = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        values = {name: people.facts()[name] for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            yield rule.endpoint, method, places.build(rule.endpoint, values, method)


def asked(browser: Browser, method: str, address: str) -> int:
    if method == "GET":
        reply = browser.client.get(address)
    else:
        reply = browser.client.post(address, data={"csrf_token": browser.token()})
    reply.close()
    return reply.status_code


def roles_of(actor: Actor | None) -> set[Role]:
    if actor is None:
        return {Role.PUBLIC}
    owner = {Role.OWNER} if actor.owner else set()
    return {Role.PUBLIC, Role.SIGNED_IN} | {Role(name) for name in actor.roles} | owner


CHANGES_THE_ASKER = {
    "account.leave",
    "account.sign_out_everywhere",
    "admin.deactivate",
    "admin.set_role",
    "public.language",
    "security.logout",
}
"""Calls that would make the rest of the walk another person's."""


@pytest.mark.parametrize(
    "who", ["nobody", "owner", "member", "assigned", "unassigned", "stranger", "administrator"]
)
def test_the_walk_of_every_route(app: Flask, session: Session, who: str) -> None:
    people = People(session)
    actor: Actor | None = None if who == "nobody" else getattr(people, who)
    session.commit()
    app.extensions["deliver"] = lambda *_numbers: None
    app.extensions["deliver-later"] = lambda *_numbers: None
    app.extensions["deliver-packs"] = lambda *_numbers: None
    app.config["RATELIMIT_ENABLED"] = False
    surprises = []
    for endpoint, method, address in addresses(app, people):
        if endpoint in CHANGES_THE_ASKER:
            continue
        allowed = roles_of(actor) & set(declared(app, endpoint))
        browser = Browser(app) if actor is None else browser_of(app, session, actor)
        status = asked(browser, method, address)
        refusal = 303 if actor is None else 403
        fine = status in NEVER_REFUSED if allowed else status == refusal
        if not fine:
            surprises.append(f"{method} {address} ({endpoint}) answered {status}")

    assert not surprises, "\n".join(surprises)


FIRMS_OWN = (
    "/assessments/{a}",
    "/assessments/{a}/pages/everything",
    "/assessments/{a}/check",
    "/assessments/{a}/missing",
    "/assessments/{a}/questions/years",
    "/assessments/{a}/result",
    "/assessments/{a}/trace",
    "/assessments/{a}/targets",
    "/assessments/{a}/what-if/everything",
    "/assessments/{a}/reports",
    "/assessments/{a}/report",
    "/assessments/{a}/pack",
    "/assessments/{a}/pack/workbook",
    "/reports/{r}",
    "/reports/{r}/state",
    "/reports/{r}/file",
    "/assessments/{a}/files",
    "/assessments/{a}/questions/years/files",
    "/assessments/{a}/questions/years/files/list",
    "/files/{f}",
)
TO_OTHERS = (
    "/assessments/{a}/go-on",
    "/assessments/{a}/targets",
    "/assessments/{a}/what-if/everything",
    "/assessments/{a}/pages/everything",
    "/assessments/{a}/submit",
    "/assessments/{a}/pack",
    "/assessments/{a}/pack/load",
    "/assessments/{a}/reports",
    "/reports/{r}/cancel",
    "/reports/{r}/retry",
    "/assessments/{a}/questions/years/files",
    "/files/{f}/remove",
)


@pytest.mark.parametrize("who", ["stranger", "unassigned"])
def test_another_firms_things_look_like_nothing(app: Flask, session: Session, who: str) -> None:
    people = People(session)
    actor: Actor = getattr(people, who)
    browser = browser_of(app, session, actor)
    nothing = browser.get("/assessments/999999/result").text

    for pattern in FIRMS_OWN:
        address = pattern.format(a=people.assessment_id, r=people.report_id, f=people.file_id)
        page = browser.get(address)
        assert page.status in ((404,) if who == "stranger" else (403, 404)), address
        if page.status == 404:
            assert page.text == nothing, address
    for pattern in TO_OTHERS:
        address = pattern.format(a=people.assessment_id, r=people.report_id, f=people.file_id)
        reply = browser.post(address, {"languages": "zh"})
        assert reply.status in ((404,) if who == "stranger" else (403, 404)), address


def test_signing_in_leads_back_to_the_page_that_was_asked_for(app: Flask) -> None:
    reply = Browser(app).get("/assessments/7/check")

    assert reply.status == 303
    assert reply.location == "/login?next=/assessments/7/check"


def test_a_program_that_is_signed_out_hears_a_sentence(app: Flask) -> None:
    browser = Browser(app)

    reply = browser.post_json("/assessments/7/answers/years?page=everything", {"fields": []})

    assert reply.status == 401
    assert reply.json["message"]


def test_a_view_without_a_declaration_answers_nobody(app: Flask, session: Session) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    _, owner = a_firm(session)

    for browser in (Browser(app), browser_of(app, session, owner)):
        assert browser.get("/forgotten").status == 404


def test_a_form_sent_after_signing_out_leads_back_to_its_page(app: Flask) -> None:
    browser = Browser(app)

    page = browser.post("/assessments/7/pages/everything")
    act = browser.post("/assessments/7/submit")

    assert page.location == "/login?next=/assessments/7/pages/everything"
    assert act.location == "/login"
