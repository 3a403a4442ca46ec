"""Passwords that anybody would try first are known, offline."""

import pytest

from survey.services.passwords import guessable

KNOWN = ("wang.qiang@jianghai-valve.com", "Qiang Wang", "江海阀门有限公司")


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "Passw0rd!2024",
        "123456789012",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "abcd1234abcd",
        "iloveyou2025!",
        "admin@123456",
        "woaini1314520",
        "q1w2e3r4t5y6u7i8o9p0" * 6,
    ],
)
def test_what_is_common_is_guessable(password: str) -> None:
    assert guessable(password, ())


@pytest.mark.parametrize(
    "password", ["wangqiang2026", "JianghaiValve1", "江海阀门有限公司2026", "wang.qiang@1234"]
)
def test_what_is_made_of_the_person_or_the_firm_is_guessable(password: str) -> None:
    assert guessable(password, KNOWN)


@pytest.mark.parametrize(
    "password",
    ["Zhangwei2020!!", "zhang#2020#WEI#77", "88+JiangHai+cn+88", "Jianghai.zhangwei:1987"],
)
def test_a_year_and_signs_do_not_hide_a_name(password: str) -> None:
    assert guessable(password, ("zhang.wei@jianghai.cn", "张伟"))


def test_a_name_beside_other_words_is_taken() -> None:
    assert not guessable("zhangwei copper ladder", ("zhang.wei@jianghai.cn", "张伟"))


@pytest.mark.parametrize(
    "password",
    [
        "a password for journeys",
        "copper ladder monday rain",
        "vX9#qT2m!Lw7",
        "铜梯下雨周一蓝色算盘喝茶",
    ],
)
def test_what_takes_long_to_guess_is_taken(password: str) -> None:
    assert not guessable(password, KNOWN)
