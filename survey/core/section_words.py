"""How a section stands, in both languages."""

from decimal import Decimal

from survey.core.figures import apart, one_decimal
from survey.core.text import Text


def unrated(open_questions: int) -> Text:
    """A section without a score, and why."""
    if open_questions:
        return Text(
            zh=f"本板块暂不评分：还有{open_questions}道题没有已知的答案。",
            en=f"No score for this section yet; answers still to be found: {open_questions}.",
        )
    return Text(
        zh="本板块适用于本企业的题目太少，不评分。",
        en="Too little of this section applies to the firm for a score.",
    )


def beside_the_whole(score: Decimal, total: Decimal) -> Text:
    distance = apart(score, total)
    at, points = one_decimal(score), one_decimal(abs(distance))
    if not distance:
        return Text(zh=f"本板块{at}分，与总分持平。", en=f"{at} points, level with the total.")
    if distance > 0:
        return Text(
            zh=f"本板块{at}分，比总分高{points}分。", en=f"{at} points, {points} above the total."
        )
    return Text(
        zh=f"本板块{at}分，比总分低{points}分。", en=f"{at} points, {points} below the total."
    )


def leads_and_lags(best: Text, best_score: Decimal, worst: Text, worst_score: Decimal) -> Text:
    high, low = one_decimal(best_score), one_decimal(worst_score)
    return Text(
        zh=f"得分最高的领域是“{best.zh}”（{high}分），最低的是“{worst.zh}”（{low}分）。",
        en=f"Its highest domain is “{best.en}” ({high}), its lowest “{worst.en}” ({low}).",
    )


def still_open(count: int) -> Text:
    return Text(
        zh=f"另有{count}道题没有已知的答案，见“待查实的数据”。",
        en=f"Answers still to be found: {count}; see “Data to collect”.",
    )
