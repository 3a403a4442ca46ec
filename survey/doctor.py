"""Whether everything a deployment needs is in order: one line per part, for `survey doctor`.

Every check looks at the real thing and says in one sentence what to do if it is not right.
"""

import ctypes
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from survey import jobs, mail
from survey.config import Settings
from survey.core.errors import SurveyError
from survey.core.figures import whole_day
from survey.core.text import Text
from survey.pdf import fonts, signing
from survey.services import reports
from survey.store import migrate
from survey.store.db import open_engine

LONGEST_WAIT = timedelta(minutes=15)
"""A report that waits longer than this shows that no worker is at work."""

LEAST_ROOM = 512 * 1024 * 1024
"""So many bytes must be free for reports: about a thousand of them."""

LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0")


@dataclass(frozen=True, slots=True)
class Finding:
    """One part, whether it is in order, and what is there or what to do."""

    part: Text
    good: bool
    remark: Text


def examine(settings: Settings) -> Iterator[Finding]:
    """Check every part; a part that is out of order does not stop the others."""
    yield from essentials(settings)
    yield from _reports(settings)
    yield _certificate(settings)
    yield _proxy(settings)
    yield _room(settings)


def essentials(settings: Settings) -> Iterator[Finding]:
    """Check the parts without which there is no point in starting."""
    yield _fonts(settings)
    yield _libraries()
    yield from _database(settings)
    yield _queue(settings)
    yield _mail(settings)
    yield _folder(settings)
    yield _evidence(settings)


def _fonts(settings: Settings) -> Finding:
    part = Text(zh="字体", en="Fonts")
    missing = fonts.missing(settings.fonts_folder)
    if missing:
        names = ", ".join(path.name for path in missing)
        return Finding(
            part,
            False,
            Text(zh=f"缺少{names}，请运行make setup。", en=f"{names} missing. Run make setup."),
        )
    count = len(fonts.covered(settings.fonts_folder))
    return Finding(
        part, True, Text(zh=f"可印{count:,}个字符", en=f"{count:,} characters can be printed")
    )


def _libraries() -> Finding:
    part = Text(zh="系统库", en="System libraries")
    missing = [name for name in LIBRARIES if not _loads(name)]
    if missing:
        names = ", ".join(missing)
        return Finding(
            part,
            False,
            Text(zh=f"缺少{names}，请运行make setup。", en=f"{names} missing. Run make setup."),
        )
    return Finding(part, True, Text(zh="Pango与HarfBuzz可用", en="Pango and HarfBuzz are here"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _database(settings: Settings) -> Iterator[Finding]:
    part = Text(zh="数据库", en="Database")
    name = make_url(settings.database_url).render_as_string(hide_password=True)
    engine = open_engine(settings.database_url)
    try:
        current = migrate.current(engine)
    except SQLAlchemyError:
        yield Finding(
            part,
            False,
            Text(
                zh=f"无法连接{name}，请检查DATABASE_URL和数据库服务。",
                en=f"{name} does not answer. Check DATABASE_URL and the database server.",
            ),
        )
        return
    finally:
        engine.dispose()
    yield Finding(part, True, Text(zh=name, en=name))
    yield _migrations(current)


def _proxy(settings: Settings) -> Finding:
    """The server waits for a request that stops half-way as long as its sender stays."""
    part = Text(zh="前置代理", en="Proxy in front")
    hops = settings.trusted_proxies
    if hops:
        remark = Text(
            zh=f"{hops}层；代理须先收齐每个请求再转交（nginx默认如此）",
            en=f"{hops} in front; each request must be taken in whole before it is passed on, as"
            " nginx does by default",
        )
        return Finding(part, True, remark)
    if not settings.is_public:
        return Finding(
            part,
            True,
            Text(zh="没有；站点只供本机使用", en="none; the site is for this machine alone"),
        )
    return Finding(
        part,
        False,
        Text(
            zh="没有。只发来一半的请求会一直占住站点。请在前面放一个会先收齐请求的代理（如nginx），"
            "并设置SURVEY_TRUSTED_PROXIES。",
            en="None. Requests that stop half-way hold up the site. Put a proxy in front that takes"
            " requests in whole, such as nginx, and set SURVEY_TRUSTED_PROXIES.",
        ),
    )


def _reports(settings: Settings) -> Iterator[Finding]:
    """How the work goes. A database that is out of order has been named before."""
    engine = open_engine(settings.database_url)
    try:
        with Session(engine) as session:
            backlog = reports.backlog(session, now=datetime.now(UTC))
    except SQLAlchemyError:
        return
    finally:
        engine.dispose()
    yield _waiting(backlog)
    yield _failures(backlog)


def _waiting(backlog: reports.Backlog) -> Finding:
    part = Text(zh="等待的报告", en="Waiting reports")
    count, oldest = backlog.waiting, backlog.oldest
    if oldest is None:
        return Finding(part, True, Text(zh="没有报告在等待", en="no report is waiting"))
    minutes = oldest // timedelta(minutes=1)
    if oldest > LONGEST_WAIT:
        return Finding(
            part,
            False,
            Text(
                zh=f"{count}份报告在等待，最久的已等{minutes}分钟，请检查survey worker是否在运行。",
                en=f"{count} reports wait, the oldest for {minutes} minutes. "
                "Check that survey worker is running.",
            ),
        )
    return Finding(
        part,
        True,
        Text(
            zh=f"{count}份报告在等待，最久的已等{minutes}分钟",
            en=f"{count} waiting, the oldest for {minutes} minutes",
        ),
    )


def _failures(backlog: reports.Backlog) -> Finding:
    """Each has told its reason to whoever asked for it; somebody should look at it all the same."""
    part = Text(zh="失败的报告", en="Failed reports")
    count = backlog.failed
    return Finding(
        part,
        not count,
        Text(zh=f"最近24小时有{count}份", en=f"{count} within the last 24 hours"),
    )


def _migrations(current: str | None) -> Finding:
    part = Text(zh="数据库结构", en="Migrations")
    newest = migrate.newest()
    if current != newest:
        return Finding(
            part,
            False,
            Text(
                zh="数据库结构不是最新，请运行survey db upgrade。",
                en="The tables are not up to date. Run survey db upgrade.",
            ),
        )
    return Finding(part, True, Text(zh=f"已是最新（{newest}）", en=f"up to date ({newest})"))


def _queue(settings: Settings) -> Finding:
    part = Text(zh="任务队列", en="Queue")
    try:
        waiting = jobs.waiting(settings)
    except jobs.QUEUE_ERRORS:
        return Finding(
            part,
            False,
            Text(
                zh="无法打开任务队列，请检查QUEUE_URL。",
                en="The queue cannot be opened. Check QUEUE_URL.",
            ),
        )
    return Finding(part, True, Text(zh=f"{waiting}个任务在等待", en=f"{waiting} jobs waiting"))


def _certificate(settings: Settings) -> Finding:
    part = Text(zh="签名证书", en="Certificate")
    path = settings.certificate
    if not path.exists():  # only the default may be missing
        return Finding(
            part,
            True,
            Text(zh="首次启动时自动生成", en="is made on the first start"),
        )
    try:
        signer = signing.load(path, settings.certificate_password)
        signer.must_be_valid(datetime.now(UTC))
    except signing.BadCertificate:
        return Finding(
            part,
            False,
            Text(
                zh=f"无法打开{path}，请检查该文件和SURVEY_CERTIFICATE_PASSWORD。",
                en=f"{path} cannot be opened. Check it and SURVEY_CERTIFICATE_PASSWORD.",
            ),
        )
    except signing.CertificateExpired as expired:
        first, last = expired.facts["first"], expired.facts["last"]
        return Finding(
            part,
            False,
            Text(
                zh=f"证书有效期为{first}至{last}，请更换{path}。",
                en=f"It is valid from {first} to {last} only. Replace {path}.",
            ),
        )
    until = whole_day(signer.valid_until.date())
    made = signer.is_self_made
    return Finding(
        part,
        True,
        Text(
            zh=f"{'自签，仅供演示，' if made else ''}有效期至{until.zh}",
            en=f"{'self-made, for demonstration, ' if made else ''}valid until {until.en}",
        ),
    )


def _mail(settings: Settings) -> Finding:
    part = Text(zh="邮件", en="Mail")
    if not settings.mail_server:
        folder = settings.mail_folder
        return Finding(
            part,
            True,
            Text(
                zh=f"未设置MAIL_SERVER，邮件存为文件：{folder}",
                en=f"no MAIL_SERVER: letters are kept as files in {folder}",
            ),
        )
    name = f"{settings.mail_server}:{settings.mail_port}"
    try:
        mail.probe(settings)
    except SurveyError:
        return Finding(
            part,
            False,
            Text(
                zh=f"邮件服务器{name}无应答，请检查MAIL_*设置。",
                en=f"{name} does not take letters. Check the MAIL_* settings.",
            ),
        )
    return Finding(part, True, Text(zh=name, en=name))


def _folder(settings: Settings) -> Finding:
    part = Text(zh="数据目录", en="Data folder")
    folder = settings.folder
    if not os.access(folder, os.W_OK):
        return Finding(
            part,
            False,
            Text(
                zh=f"无法写入{folder}，请修改权限或SURVEY_FOLDER。",
                en=f"{folder} cannot be written. Change its rights, or SURVEY_FOLDER.",
            ),
        )
    return Finding(part, True, Text(zh=str(folder), en=str(folder)))


def _evidence(settings: Settings) -> Finding:
    """Where the files of firms lie; the folder is made when the first of them comes."""
    part = Text(zh="佐证文件目录", en="Evidence folder")
    folder = settings.evidence_folder
    place = next(each for each in (folder, *folder.parents) if each.exists())
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        return Finding(
            part,
            False,
            Text(
                zh=f"无法写入{folder}，请修改权限或SURVEY_EVIDENCE。",
                en=f"{folder} cannot be written. Change its rights, or SURVEY_EVIDENCE.",
            ),
        )
    most = settings.evidence_mb
    return Finding(
        part, True, Text(zh=f"{folder}，每家企业{most} MB", en=f"{folder}, {most} MB for each firm")
    )


def _room(settings: Settings) -> Finding:
    part = Text(zh="磁盘空间", en="Disk space")
    folder = settings.reports_folder
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    megabytes = free // 1024 // 1024
    if free < LEAST_ROOM:
        return Finding(
            part,
            False,
            Text(
                zh=f"{folder}只剩{megabytes} MB，请清理磁盘或修改SURVEY_REPORTS。",
                en=f"Only {megabytes} MB are left for {folder}. Make room, or set SURVEY_REPORTS.",
            ),
        )
    left = f"{megabytes // 1024} GB" if megabytes >= 10 * 1024 else f"{megabytes} MB"
    return Finding(part, True, Text(zh=f"剩余{left}", en=f"{left} free"))
