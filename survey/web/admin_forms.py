"""The forms of the administration."""

from flask_security.forms import Form
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # too new
from wtforms.validators import DataRequired, InputRequired

from survey.i18n import lazy
from survey.services.people import ADMINISTRATOR, CONSULTANT
from survey.web.account_forms import PersonForm

ROLES = (
    SelectChoice(CONSULTANT, lazy("Consultant")),
    SelectChoice(ADMINISTRATOR, lazy("Administrator")),
)


class ColleagueForm(PersonForm):
    """Somebody who works for the operator, not for a firm."""

    role = RadioField(
        lazy("Role"),
        choices=list(ROLES),
        validators=[InputRequired(lazy("Choose a role."))],
    )


class AssignForm(Form):
    """Which consultant is to look after the firm."""

    consultant = SelectField(
        lazy("Consultant"),
        coerce=int,
        validators=[DataRequired(lazy("Choose a consultant."))],
    )
