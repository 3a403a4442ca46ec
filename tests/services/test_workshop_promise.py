"""Whatever is edited, undone and published: what was published and answered stays as it is.

Documents, results, traces and reports of every earlier version are compared byte by byte; so is
each draft with what it was at each of its revisions.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from typing_extensions import override

from survey.core import bank_edits, places, report
from survey.core.errors import BadDocument, SurveyError
from survey.core.plain import plain
from survey.core.trace import explain
from survey.services import assessments, banks, drafts
from survey.services.banks import NewerPublished, TranslationsOpen
from tests.builders import FULL_ANSWERS, bank_data
from tests.stored import NOW, a_firm, a_submitted_assessment, a_version

Data = dict[str, Any]
Change = Callable[[Data], Data]

FIRST = places.parse("sections/everything/domains/first/questions")
SECOND = places.parse("sections/everything/domains/second/questions")
NUMBERS = st.integers(0, 30)


def reword(place: str) -> st.SearchStrategy[Change]:
    """Another wording in one language or in both."""
    where = places.parse(place)
    languages = st.sampled_from([("zh",), ("en",), ("zh", "en")])
    return st.builds(
        lambda which, n: lambda data: _reworded(data, where, which, n), languages, NUMBERS
    )


def _reworded(data: Data, where: places.Place, languages: tuple[str, ...], number: int) -> Data:
    for language in languages:
        data = places.put(
            data,
            (*where, language),
            f"第{number}种说法" if language == "zh" else f"Wording {number}",
        )
    return data


def put(place: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Change]:
    where = places.parse(place)
    return st.builds(lambda value: lambda data: places.put(data, where, value), values)


CHANGES: st.SearchStrategy[Change] = st.one_of(
    reword("title"),
    reword("notice"),
    reword("sections/everything/title"),
    put("minutes", st.integers(1, 60)),
    put("sections/everything/weight", st.sampled_from([100, 90])),
    put("sections/everything/domains/first/weight", st.sampled_from(["1", "3", 40])),
    put("levels/steps/#1/threshold", st.sampled_from([20, 25, 99])),
    put("small_sizes", st.sampled_from([["small"], ["micro", "small"]])),
    st.just(lambda data: bank_edits.duplicated(data, (*FIRST, "planning"))),
    st.just(lambda data: bank_edits.add(data, SECOND, places.get(data, (*FIRST, "planning")))),
    st.just(lambda data: bank_edits.removed(data, (*FIRST, "security"))),
    st.just(lambda data: bank_edits.removed(data, (*SECOND, "product"))),
    st.just(lambda data: bank_edits.moved(data, (*FIRST, "years"), FIRST, 0)),
    st.just(lambda data: bank_edits.moved(data, (*FIRST, "years"), SECOND, 1)),
    st.just(lambda data: bank_edits.add(data, FIRST, bank_edits.blank(FIRST))),
    st.just(lambda data: data | {"sections": "no list at all"}),
)


class Workshop(RuleBasedStateMachine):
    engine: ClassVar[Engine]

    @initialize()
    def begin(self) -> None:
        self.session = Session(self.engine)
        _, self.owner = a_firm(self.session)
        self.versions: dict[int, bytes] = {}
        self.answered: dict[int, bytes] = {}
        self.drafts: dict[int, list[bytes]] = {}
        self._published(a_version(self.session, bank_data()).id)
        self._begun(next(iter(self.versions)))

    @override
    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self.session.close()

    # -------------------------------------------------------------------- people

    @rule(change=CHANGES, data=st.data())
    def edit(self, change: Change, data: st.DataObject) -> None:
        """On a page that is as old as one likes, with a choice where two clash or without."""
        draft = data.draw(st.sampled_from(sorted(self.drafts)))
        seen = data.draw(st.integers(1, len(self.drafts[draft])))
        choice = data.draw(st.sampled_from(["mine", "theirs", ""]))
        try:
            edited = self._edit(draft, change, seen, {})
            if edited.clashes and choice:
                chosen = {clash.place: choice for clash in edited.clashes}
                edited = self._edit(draft, change, seen, chosen)
        except (KeyError, drafts.KeyTwice):
            return  # it is no longer there, or its key is taken: the page says so
        self._noted(draft, edited.revision)

    def _edit(
        self, draft: int, change: Change, seen: int, choices: Mapping[str, str]
    ) -> drafts.Edited:
        return drafts.edit(
            self.session,
            draft,
            seen=seen,
            change=change,
            act="set",
            place="",
            by=None,
            now=NOW,
            choices=choices,
        )

    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(sorted(self.drafts)))
        lines = drafts.edits(self.session, draft, most=100)
        if lines:
            line = data.draw(st.sampled_from(lines))
            try:
                edited = drafts.undo(self.session, draft, edit_id=line.id, by=None, now=NOW)
            except drafts.KeyTwice:
                return
            self._noted(draft, edited.revision)

    @rule(data=st.data())
    def begin_a_draft(self, data: st.DataObject) -> None:
        self._begun(data.draw(st.sampled_from(sorted((*self.versions, *self.drafts)))))

    @rule(data=st.data())
    def publish(self, data: st.DataObject) -> None:
        """After somebody has reviewed the translations; what has faults stays a draft."""
        draft = data.draw(st.sampled_from(sorted(self.drafts)))
        drafts.edit(
            self.session,
            draft,
            seen=1,
            change=lambda document: document,
            act="translate",
            place="",
            by=None,
            now=NOW,
            mark=lambda _ledger, _document: {},
        )
        self._noted(draft, drafts.opened(self.session, draft).revision)
        try:
            banks.publish(self.session, draft, now=NOW)
        except (BadDocument, NewerPublished, TranslationsOpen):
            return
        del self.drafts[draft]
        self._published(draft)
        self._begun(draft)

    @rule(data=st.data())
    def load_a_file(self, data: st.DataObject) -> None:
        draft = data.draw(st.sampled_from(sorted(self.drafts)))
        number = drafts.opened(self.session, draft).number
        minutes = data.draw(st.integers(1, 60))
        banks.store_draft(self.session, data=bank_data(version=number, minutes=minutes), now=NOW)
        self._noted(draft, drafts.opened(self.session, draft).revision)

    @rule(data=st.data())
    def retire(self, data: st.DataObject) -> None:
        banks.retire(self.session, data.draw(st.sampled_from(sorted(self.versions))), now=NOW)

    # ------------------------------------------------------------------- the model

    def _begun(self, source: int) -> None:
        version = drafts.begin(self.session, source_id=source, by=None, now=NOW)
        self.drafts[version.id] = [self._document(version.id)]

    def _noted(self, draft: int, revision: int) -> None:
        known = self.drafts[draft]
        if revision == len(known) + 1:
            known.append(self._document(draft))
        assert revision == len(known)

    def _published(self, version_id: int) -> None:
        self.versions[version_id] = self._row(version_id)
        try:
            with self.session.begin_nested():
                version = banks.get_version(self.session, version_id)
                asked = banks.bank_of(self.session, version_id).questions
                answers = {key: plain for key, plain in FULL_ANSWERS.items() if key in asked}
                done = a_submitted_assessment(
                    self.session, self.owner, version=version, answers=answers
                )
        except SurveyError:
            return  # other questions are required by now
        self.answered[done.id] = self._outcome(done.id)

    def _document(self, version_id: int) -> bytes:
        return json.dumps(banks.document_of(self.session, version_id), sort_keys=True).encode()

    def _row(self, version_id: int) -> bytes:
        row = (
            self.session.execute(
                text("SELECT * FROM bank_version WHERE id = :id"), {"id": version_id}
            )
            .mappings()
            .one()
        )
        return repr({name: row[name] for name in row if name != "retired_at"}).encode()

    def _outcome(self, assessment_id: int) -> bytes:
        """Result, trace and report as bytes."""
        done = assessments.outcome(self.session, self.owner, assessment_id)
        said = report.build(
            bank=done.bank,
            answers=done.answers,
            result=done.result,
            plan=done.plan,
            firm_name=done.firm.name,
            report_id="0f3b9c5e",
            issued_on=date(2026, 11, 23),
            bank_digest=done.bank_digest,
            targets=done.targets,
        )
        trace = explain(done.bank, done.answers, done.result)
        every = [plain(done.result), plain(trace), plain(said), done.assessment.result]
        return json.dumps(every, ensure_ascii=False).encode()

    # ------------------------------------------------------------------ the promises

    @invariant()
    def every_published_version_is_as_it_was(self) -> None:
        for version_id, row in getattr(self, "versions", {}).items():
            assert self._row(version_id) == row

    @invariant()
    def every_result_trace_and_report_is_as_it_was(self) -> None:
        banks._READ.clear()
        for assessment_id, outcome in getattr(self, "answered", {}).items():
            assert self._outcome(assessment_id) == outcome

    @invariant()
    def every_draft_can_be_seen_as_it_was_at_any_revision(self) -> None:
        for draft, known in getattr(self, "drafts", {}).items():
            lines = drafts.edits(self.session, draft, most=1000)
            told = drafts.with_documents(self.session, draft, lines)
            found = [json.dumps(before, sort_keys=True).encode() for _, before, _ in told]
            assert found[::-1] == known[: len(found)]
            assert self._document(draft) == known[-1]

    @invariant()
    def no_key_stands_twice_in_a_draft(self) -> None:
        for draft in getattr(self, "drafts", {}):
            data = banks.document_of(self.session, draft)
            keys = [question["key"] for _, question in places.questions(data)]
            assert len(set(keys)) == len(keys)


def test_nothing_that_was_published_or_answered_is_ever_different(engine: Engine) -> None:
    Workshop.engine = engine
    run_state_machine_as_test(
        Workshop,
        settings=settings(
            max_examples=6,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
