"""Forms of signing in."""

from wtforms import EmailField, PasswordField

from platssamverkan.core.fields import Limit, Needed, strip
from platssamverkan.core.forms import BaseForm


class SignInForm(BaseForm):
    """Address and password."""

    unchecked = frozenset({"email", "password"})
    email = EmailField("E-postadress", filters=[strip], validators=[Needed("Skriv din e-postadress."), Limit(200)])
    password = PasswordField("Lösenord", validators=[Needed("Skriv ditt lösenord."), Limit(200)])
