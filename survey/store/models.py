"""The tables. The database refuses what must not happen; no methods with rules here.

The triggers that freeze published banks and every history stand in the migrations.
"""

from datetime import date, datetime
from typing import Any

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from survey.store.db import Base

PlainJson = JSON(none_as_null=True)
"""JSON whose order is kept; None is NULL. Replace the value, never change it in place."""

role_of_user = Table(
    "role_of_user",
    Base.metadata,
    Column("user_id", ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="RESTRICT"), primary_key=True),
)


class Role(Base, RoleMixin):
    """firm, consultant or administrator."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))

    __table_args__ = (
        CheckConstraint("name IN ('firm', 'consultant', 'administrator')", "known_name"),
    )


class User(Base, UserMixin):
    """A person who can sign in. The columns up to `roles` are those that Flask-Security reads."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255))
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    # The moment of the newest code that was used, counted in steps of 30 s; see `Codes`.
    tf_last_counter: Mapped[int | None]
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    # Not lazy="raise": Flask-Security itself walks from the user to the roles.
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]  # our own Role
        secondary=role_of_user
    )

    name: Mapped[str] = mapped_column(String(120), default="")
    locale: Mapped[str] = mapped_column(String(2), default="zh")
    created_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("locale IN ('zh', 'en')", "known_locale"),
        Index("uq_user_email_lower", func.lower(email), unique=True),
    )


class Firm(Base):
    """A manufacturer that assesses itself."""

    __tablename__ = "firm"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("length(name) > 0", "name_given"),)


class Membership(Base):
    """Who belongs to which firm. A person belongs to one firm at most."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True)
    standing: Mapped[str] = mapped_column(String(10))
    scope: Mapped[str] = mapped_column(String(10), default="all")

    __table_args__ = (
        CheckConstraint("standing IN ('owner', 'member')", "known_standing"),
        CheckConstraint("scope IN ('all', 'assigned')", "known_scope"),
        CheckConstraint("standing <> 'owner' OR scope = 'all'", "owner_answers_all"),
    )


class Invitation(Base):
    """A link that makes a colleague of whoever opens it, until it is used, withdrawn or too old.

    Only the SHA-256 of what the link holds is kept. `page_keys` are the pages of the assessment
    that the colleague is given, `locale` the language that the link opens in.
    """

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="CASCADE"), index=True)
    assessment_id: Mapped[int | None] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE")
    )
    page_keys: Mapped[list[str]] = mapped_column(PlainJson)
    name: Mapped[str] = mapped_column(String(120))
    locale: Mapped[str] = mapped_column(String(2))
    scope: Mapped[str] = mapped_column(String(10))
    invited_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))

    __table_args__ = (
        CheckConstraint("length(token_sha256) = 64", "token_whole"),
        CheckConstraint("locale IN ('zh', 'en')", "known_locale"),
        CheckConstraint("scope IN ('all', 'assigned')", "known_scope"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", "accepted_whole"),
        CheckConstraint("accepted_at IS NULL OR withdrawn_at IS NULL", "used_or_withdrawn"),
    )


class ConsultantFirm(Base):
    """Which firms a consultant looks after."""

    __tablename__ = "consultant_firm"

    consultant_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    firm_id: Mapped[int] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class BankVersion(Base):
    """One version of a question bank. Once published, only `retired_at` may change.

    `revision` counts the edits of a draft, whose document may have faults. `ledger` says which
    translations are new or stale (`survey.core.texts`), `waivers` which of those were let pass
    and why. A discarded draft is kept, and can be taken up again.
    """

    __tablename__ = "bank_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    bank_key: Mapped[str] = mapped_column(String(60))
    number: Mapped[int]
    title_zh: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    # A whole questionnaire: loaded only where it is asked for by name.
    document: Mapped[dict[str, Any]] = mapped_column(
        PlainJson, deferred=True, deferred_raiseload=True
    )
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    published_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime] = mapped_column(
        default=lambda context: context.get_current_parameters()["created_at"]
    )
    based_on_id: Mapped[int | None] = mapped_column(
        ForeignKey("bank_version.id", ondelete="RESTRICT")
    )
    discarded_at: Mapped[datetime | None]
    ledger: Mapped[dict[str, Any]] = mapped_column(
        PlainJson, default=dict, deferred=True, deferred_raiseload=True
    )
    waivers: Mapped[list[Any]] = mapped_column(PlainJson, default=list)

    __table_args__ = (
        UniqueConstraint("bank_key", "number"),
        CheckConstraint("number >= 1", "number_positive"),
        CheckConstraint("length(digest) = 64", "digest_whole"),
        CheckConstraint("retired_at IS NULL OR published_at IS NOT NULL", "retired_if_published"),
        CheckConstraint("revision >= 1", "revision_positive"),
        CheckConstraint("discarded_at IS NULL OR published_at IS NULL", "discarded_draft"),
    )


class BankEdit(Base):
    """One edit of a draft: what made this revision out of the one before, place by place."""

    __tablename__ = "bank_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("bank_version.id", ondelete="RESTRICT"))
    revision: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    act: Mapped[str] = mapped_column(String(30))
    place: Mapped[str] = mapped_column(Text)
    patches: Mapped[list[Any]] = mapped_column(PlainJson)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("bank_edit.id", ondelete="RESTRICT"))

    __table_args__ = (
        UniqueConstraint("version_id", "revision"),
        CheckConstraint("revision >= 2", "revision_after_first"),
    )


class Assessment(Base):
    """One firm's answers to one bank version. `result` keeps the scores as submitted.

    `edition` names a shorter form of the bank; it is empty for the whole. Whatever the edition,
    one assessment of a bank version may be under way. One that is discarded is nobody's any more,
    until it is taken back; after a while it is erased (`services.discarding`).
    """

    __tablename__ = "assessment"

    id: Mapped[int] = mapped_column(primary_key=True)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"), index=True)
    bank_version_id: Mapped[int] = mapped_column(
        ForeignKey("bank_version.id", ondelete="RESTRICT"), index=True
    )
    edition: Mapped[str] = mapped_column(String(60), default="")
    started_at: Mapped[datetime]
    started_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    submitted_at: Mapped[datetime | None]
    submitted_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    result: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)
    # Whose answers are offered again, to be confirmed one by one.
    previous_id: Mapped[int | None] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT")
    )
    # From then on the firm cannot reopen it.
    review_begun_at: Mapped[datetime | None]
    discarded_at: Mapped[datetime | None]
    discarded_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))

    firm: Mapped[Firm] = relationship(lazy="raise")
    bank_version: Mapped[BankVersion] = relationship(lazy="raise")

    __table_args__ = (
        CheckConstraint(
            "(submitted_at IS NULL) = (submitted_by IS NULL)"
            " AND (submitted_at IS NULL) = (result IS NULL)",
            "submitted_whole",
        ),
        CheckConstraint(
            "review_begun_at IS NULL OR submitted_at IS NOT NULL", "reviewed_when_submitted"
        ),
        CheckConstraint("(discarded_at IS NULL) = (discarded_by IS NULL)", "discarded_whole"),
        CheckConstraint("discarded_at IS NULL OR submitted_at IS NULL", "discarded_draft"),
        Index(
            "uq_assessment_under_way",
            "firm_id",
            "bank_version_id",
            unique=True,
            sqlite_where=text("submitted_at IS NULL AND discarded_at IS NULL"),
            postgresql_where=text("submitted_at IS NULL AND discarded_at IS NULL"),
        ),
        Index(
            "ix_assessment_discarded_at",
            "discarded_at",
            sqlite_where=text("discarded_at IS NOT NULL"),
            postgresql_where=text("discarded_at IS NOT NULL"),
        ),
    )


class AnswerRow(Base):
    """The present answer to one question; `plain` is NULL after it was cleared.

    A cleared answer keeps its row, so that its revision never starts again at 1. What the
    question cannot take is kept as it was typed, under ``typed`` (`survey.core.answers`).
    `client` is the open page that wrote this revision, `client_seq` its how-manieth value of
    this question; `confirmed` has the same of the pages that sent the same value since. What a
    page sent before, and what comes late, is told by them. At revision 0 nobody has answered,
    but a page has cleared what it had not sent.
    """

    __tablename__ = "answer"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT"), primary_key=True
    )
    question_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    plain: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)
    revision: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    saved_at: Mapped[datetime]
    client: Mapped[str | None] = mapped_column(String(36))
    client_seq: Mapped[int | None]
    confirmed: Mapped[dict[str, int] | None] = mapped_column(PlainJson)

    __table_args__ = (
        CheckConstraint("revision >= 0", "revision_not_negative"),
        CheckConstraint("revision > 0 OR plain IS NULL", "answered_from_revision_1"),
        CheckConstraint("(client IS NULL) = (client_seq IS NULL)", "client_whole"),
    )


class AnswerChange(Base):
    """Every attempt to change an answer, also the one that lost against a colleague's.

    `revision` is the one that the attempt made or, for one that lost, the one it met: a conflict
    with a colleague, or a value that came late, after a newer one of the same open page.
    `save_key` is the attempt's own name, under which it may be sent again.
    """

    __tablename__ = "answer_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    question_key: Mapped[str] = mapped_column(String(60))
    revision: Mapped[int]
    before: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)
    after: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(10))
    save_key: Mapped[str | None] = mapped_column(String(36))

    __table_args__ = (
        CheckConstraint("outcome IN ('saved', 'cleared', 'conflict', 'late')", "known_outcome"),
        UniqueConstraint("assessment_id", "author_id", "save_key"),
        Index("ix_answer_change_question", "assessment_id", "question_key", "id"),
        Index("ix_answer_change_revision", "assessment_id", "revision"),
    )


class Reopening(Base):
    """A submission that was taken back, with the scores it had. Written once, never changed."""

    __tablename__ = "reopening"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT"), index=True
    )
    by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    result: Mapped[dict[str, Any]] = mapped_column(PlainJson)

    __table_args__ = (CheckConstraint("length(reason) > 0", "reason_given"),)


class Move(Base):
    """An assessment under way that went over to another version of its bank. Never changed.

    `answers` has those that did not stay as they were: under ``key`` their ``fate``, what they
    were (``was``, read by the old version) and ``became``, and the ``revision`` since then. What
    was dropped is nowhere else but in the history. `kept` counts the others.
    """

    __tablename__ = "move"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT"), index=True
    )
    from_version_id: Mapped[int] = mapped_column(ForeignKey("bank_version.id", ondelete="RESTRICT"))
    to_version_id: Mapped[int] = mapped_column(ForeignKey("bank_version.id", ondelete="RESTRICT"))
    from_edition: Mapped[str] = mapped_column(String(60))
    by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    at: Mapped[datetime]
    kept: Mapped[int]
    answers: Mapped[list[Any]] = mapped_column(PlainJson)

    __table_args__ = (
        CheckConstraint("from_version_id <> to_version_id", "to_another_version"),
        CheckConstraint("kept >= 0", "kept_not_negative"),
    )


class Assignment(Base):
    """Who answers one page of an assessment, until when, and whether that person is done."""

    __tablename__ = "assignment"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    page_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"), index=True)
    due_on: Mapped[date | None]
    assigned_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    assigned_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class Presence(Base):
    """Who had a page of an assessment open a moment ago. A hint, and forgotten after a while."""

    __tablename__ = "presence"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    page_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), primary_key=True
    )
    seen_at: Mapped[datetime]


class Comment(Base):
    """What the firm's people say to each other about one question."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    question_key: Mapped[str] = mapped_column(String(60))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length(text) > 0", "text_given"),
        Index("ix_comment_question", "assessment_id", "question_key", "id"),
    )


class Digest(Base):
    """When the owner of an assessment was last written to about it; NULL means never yet.

    `claimed_at` is when a worker took charge of the next letter: two never send the same.
    """

    __tablename__ = "digest"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True
    )
    sent_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]


class EvidenceFile(Base):
    """A file that supports an answer; it lies under its random `id` outside the web root.

    A removed one keeps its row, so that the history stays whole; its file is gone.
    """

    __tablename__ = "evidence_file"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[int] = mapped_column(ForeignKey("assessment.id", ondelete="RESTRICT"))
    question_key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    added_at: Mapped[datetime]
    removed_by: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    removed_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("length(name) > 0", "name_given"),
        CheckConstraint("size > 0", "size_positive"),
        CheckConstraint("length(sha256) = 64", "sha256_whole"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", "removed_whole"),
        Index("ix_evidence_file_question", "assessment_id", "question_key"),
    )


class Upload(Base):
    """A file on its way: `received` of `size` bytes have arrived. Forgotten once it is whole."""

    __tablename__ = "upload"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="CASCADE"), index=True
    )
    question_key: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    received: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    touched_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("length(name) > 0", "name_given"),
        CheckConstraint("size > 0", "size_positive"),
        CheckConstraint("received BETWEEN 0 AND size", "received_within"),
    )


class Pack(Base):
    """The questions of a bank as a PDF to prepare with, or its trial report (`services.trials`).

    It holds nothing of any firm.
    `id` is the SHA-256 of what it is made from, so that everybody who asks for the same shares
    it. This row is the truth about the job, as with reports.
    """

    __tablename__ = "pack"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    bank_version_id: Mapped[int] = mapped_column(
        ForeignKey("bank_version.id", ondelete="RESTRICT"), index=True
    )
    edition: Mapped[str] = mapped_column(String(60))
    languages: Mapped[str] = mapped_column(String(4))
    question_keys: Mapped[list[str]] = mapped_column(PlainJson)
    state: Mapped[str] = mapped_column(String(10))
    progress: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_size: Mapped[int | None]
    pages: Mapped[int | None]
    reason_code: Mapped[str | None] = mapped_column(String(60))
    reason_facts: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)

    __table_args__ = (
        CheckConstraint("length(id) = 64", "id_whole"),
        CheckConstraint("languages IN ('zh', 'en', 'both')", "known_languages"),
        CheckConstraint("state IN ('queued', 'rendering', 'ready', 'failed')", "known_state"),
        CheckConstraint("(state = 'rendering') = (claim IS NOT NULL)", "rendering_is_claimed"),
        CheckConstraint(
            "(state IN ('queued', 'rendering')) = (lease_until IS NOT NULL)", "open_has_lease"
        ),
        CheckConstraint("(state = 'ready') = (file_sha256 IS NOT NULL)", "ready_has_file"),
        CheckConstraint("progress BETWEEN 0 AND 100", "progress_percent"),
        CheckConstraint(
            "(file_sha256 IS NULL) = (file_size IS NULL)"
            " AND (file_sha256 IS NULL) = (pages IS NULL)",
            "file_whole",
        ),
        CheckConstraint("(state = 'failed') = (reason_code IS NOT NULL)", "failed_has_reason"),
        Index("ix_pack_open", "state", "lease_until"),
    )


class Target(Base):
    """The level that a firm wants to reach in one domain; without a row it has not chosen."""

    __tablename__ = "target"

    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT"), primary_key=True
    )
    domain_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    level: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("level BETWEEN 0 AND 5", "level_known"),
        CheckConstraint("length(domain_key) > 0", "domain_given"),
    )


class Report(Base):
    """One document asked for. This row is the truth about the job; the queue only delivers.

    Until `lease_until` somebody has charge of it: the queue while it is queued, the worker
    that holds `claim` while it is rendering or checking. After that the sweep queues it again.
    One that is made again keeps what is known of its file until the new one is there.
    """

    __tablename__ = "report"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    assessment_id: Mapped[int] = mapped_column(
        ForeignKey("assessment.id", ondelete="RESTRICT"), index=True
    )
    languages: Mapped[str] = mapped_column(String(4))
    extent: Mapped[str] = mapped_column(String(10))
    format: Mapped[str] = mapped_column(String(10))
    input_digest: Mapped[str] = mapped_column(String(64))
    bank_digest: Mapped[str] = mapped_column(String(64))
    engine: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    progress: Mapped[int] = mapped_column(default=0)
    claim: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    requested_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    content: Mapped[dict[str, Any] | None] = mapped_column(
        PlainJson, deferred=True, deferred_raiseload=True
    )
    file_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    file_size: Mapped[int | None]
    pages: Mapped[int | None]
    reason_code: Mapped[str | None] = mapped_column(String(60))
    reason_facts: Mapped[dict[str, Any] | None] = mapped_column(PlainJson)

    __table_args__ = (
        UniqueConstraint("assessment_id", "languages", "extent", "format", "input_digest"),
        CheckConstraint("languages IN ('zh', 'en', 'both')", "known_languages"),
        CheckConstraint("extent IN ('full', 'short')", "known_extent"),
        CheckConstraint("format IN ('pdf', 'docx', 'html', 'json', 'xlsx')", "known_format"),
        CheckConstraint(
            "state IN ('queued', 'rendering', 'checking', 'ready', 'failed', 'cancelled')",
            "known_state",
        ),
        CheckConstraint("progress BETWEEN 0 AND 100", "progress_percent"),
        CheckConstraint("state <> 'ready' OR file_sha256 IS NOT NULL", "ready_has_file"),
        CheckConstraint(
            "(file_sha256 IS NULL) = (file_size IS NULL)"
            " AND (file_sha256 IS NULL) = (content IS NULL)",
            "file_whole",
        ),
        CheckConstraint(
            "(file_sha256 IS NOT NULL AND format = 'pdf') = (pages IS NOT NULL)", "pages_of_a_pdf"
        ),
        CheckConstraint("(state = 'failed') = (reason_code IS NOT NULL)", "failed_has_reason"),
        CheckConstraint(
            "(state IN ('rendering', 'checking')) = (claim IS NOT NULL)", "rendering_is_claimed"
        ),
        CheckConstraint(
            "(state IN ('queued', 'rendering', 'checking')) = (lease_until IS NOT NULL)",
            "open_has_lease",
        ),
        Index("ix_report_open", "state", "lease_until"),
    )


class IssuedFile(Base):
    """A file that was handed out as this report. Written once, never changed."""

    __tablename__ = "issued_file"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    report_id: Mapped[str] = mapped_column(
        ForeignKey("report.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    size: Mapped[int]
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("length(sha256) = 64", "sha256_whole"),)


class Archive(Base):
    """The reports of many firms, asked for at once. Its file is made while it is sent."""

    __tablename__ = "archive"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    requested_by: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="RESTRICT"), index=True
    )
    requested_at: Mapped[datetime]
    languages: Mapped[str] = mapped_column(String(4))
    extent: Mapped[str] = mapped_column(String(10))
    format: Mapped[str] = mapped_column(String(10))


class ArchiveItem(Base):
    """One report of an archive, or the reason why a firm has none in it."""

    __tablename__ = "archive_item"

    archive_id: Mapped[str] = mapped_column(
        ForeignKey("archive.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(primary_key=True)
    firm_id: Mapped[int] = mapped_column(ForeignKey("firm.id", ondelete="RESTRICT"))
    report_id: Mapped[str | None] = mapped_column(ForeignKey("report.id", ondelete="RESTRICT"))
    reason_code: Mapped[str | None] = mapped_column(String(60))

    __table_args__ = (
        CheckConstraint("(report_id IS NULL) = (reason_code IS NOT NULL)", "report_or_reason"),
        CheckConstraint("number >= 1", "number_positive"),
    )


class Logo(Base):
    """A firm's logo or a consultant's; the picture is the file with this SHA-256."""

    __tablename__ = "logo"

    id: Mapped[int] = mapped_column(primary_key=True)
    firm_id: Mapped[int | None] = mapped_column(
        ForeignKey("firm.id", ondelete="CASCADE"), unique=True
    )
    consultant_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), unique=True
    )
    sha256: Mapped[str] = mapped_column(String(64))
    media_type: Mapped[str] = mapped_column(String(20))
    width: Mapped[int]
    height: Mapped[int]
    set_by: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    set_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("(firm_id IS NULL) = (consultant_id IS NOT NULL)", "one_owner"),
        CheckConstraint("length(sha256) = 64", "sha256_whole"),
        CheckConstraint("media_type IN ('image/png', 'image/jpeg')", "known_media_type"),
        CheckConstraint("width >= 1 AND height >= 1", "has_a_size"),
    )


class AuditEvent(Base):
    """Who did what to rights, banks and firms. Written once, never changed."""

    __tablename__ = "audit_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="RESTRICT"))
    act: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(PlainJson)
