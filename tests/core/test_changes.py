"""What is said to differ between two versions of a bank."""

from survey.core.changes import between
from tests.builders import a_bank, bank_data, domain, ladder, multiple, number, section


def test_the_same_bank_has_no_changes() -> None:
    found = between(a_bank(), a_bank(version=2))

    assert not found
    assert (found.added, found.removed, found.reworded, found.reruled) == ((), (), (), ())


def test_added_and_removed_questions_stand_in_reading_order() -> None:
    before = a_bank(section("s", "A", domain("d", ladder("one"), ladder("two"), ladder("three"))))
    after = a_bank(section("s", "A", domain("d", ladder("four"), ladder("two"), ladder("five"))))

    found = between(before, after)

    assert found
    assert found.added == ("four", "five")
    assert found.removed == ("one", "three")


def test_words_and_rules_are_told_apart() -> None:
    said = {"zh": "换一种问法？", "en": "Asked in other words?"}
    before = a_bank(section("s", "A", domain("d", ladder("words"), ladder("rules"), multiple())))
    after = a_bank(
        section(
            "s",
            "A",
            domain(
                "d",
                ladder("words", prompt=said),
                ladder("rules", not_applicable="with-reason"),
                multiple(),
            ),
        )
    )

    found = between(before, after)

    assert found.reworded == ("words",)
    assert found.reruled == ("rules",)


def test_a_question_that_weighs_more_has_other_rules() -> None:
    before, after = (
        a_bank(
            section(
                "s", "A", domain("d", ladder("p", weight=one), ladder("q", weight=two), number("n"))
            ),
        )
        for one, two in (("40", "59"), ("60", "39"))
    )

    found = between(before, after)

    assert (found.reworded, found.reruled) == ((), ("p", "q"))


def test_an_option_less_changes_words_and_rules() -> None:
    shorter = ladder()
    shorter["options"] = shorter["options"][:-1]
    before = a_bank(section("s", "A", domain("d", ladder())))
    after = a_bank(section("s", "A", domain("d", shorter)))

    found = between(before, after)

    assert found.reworded == ("planning",)
    assert found.reruled == ("planning",)


def test_weights_and_levels_are_named() -> None:
    data = bank_data()
    data["levels"]["steps"][1]["threshold"] = 30
    heavier = bank_data()
    heavier["sections"][0]["domains"][0]["weight"] = "75"
    heavier["sections"][0]["domains"][1]["weight"] = "25"

    assert between(a_bank(), a_bank(levels=data["levels"])).levels
    assert between(a_bank(), a_bank(*heavier["sections"])).weights
