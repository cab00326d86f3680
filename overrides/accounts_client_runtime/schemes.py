"""How a service knows its callers: the security schemes of OpenAPI, and the secrets that go out under them."""

from __future__ import annotations

from binascii import b2a_base64
from typing import ClassVar, Final, Literal, TypeAlias

from .errors import ConfigurationError
from .headers import is_header_value
from .query import percent_encoded
from .types import Value

Login: TypeAlias = tuple[str, str]
"""A user and a password."""

_SHORT_PASSWORD: Final = 8
_LONG_USER: Final = 16
"""Characters: below the first a password hides nothing, from the second on a user may be a key."""


class Secret(Value, frozen=True):
    """What goes out under a scheme, and what of it must never show."""

    _unshown: ClassVar[tuple[str, ...]] = ("written", "hidden")

    written: str
    """The value of the header, or the pair in the query or the cookie."""
    hidden: tuple[str, ...]
    """Texts that no log line, error or `repr` may show."""


class APIKey(Value, frozen=True):
    """A key in a header, a query option or a cookie."""

    place: Literal["header", "query", "cookie"]
    """Where the key goes."""
    name: str
    """Name of the header, the query option or the cookie."""
    environment: str = ""
    """Environment variable that is read where no key is given; empty for none."""

    def secret(self, given: str | Login) -> Secret:
        """Return what goes out for a key.

        Raises:
            ConfigurationError: The key is empty, or cannot be carried there.
        """
        token = _checked_token(given)
        if self.place == "query":
            return Secret(f"{percent_encoded(self.name)}={percent_encoded(token)}", (token,))
        if self.place == "cookie":
            if ";" in token:
                raise ConfigurationError("the token holds characters that a cookie cannot carry")
            return Secret(f"{self.name}={token}", (token,))
        return Secret(token, (token,))


class BearerToken(Value, frozen=True):
    """A token in the header `Authorization`, as of OAuth 2."""

    place: ClassVar[Literal["header"]] = "header"
    name: ClassVar[str] = "Authorization"

    environment: str = ""
    """Environment variable that is read where no token is given; empty for none."""

    def secret(self, given: str | Login) -> Secret:
        """Return what goes out for a token.

        Raises:
            ConfigurationError: The token is empty, or holds what a header cannot carry.
        """
        token = _checked_token(given)
        return Secret(f"Bearer {token}", (token,))


class BasicLogin(Value, frozen=True):
    """A user and a password in the header `Authorization`."""

    place: ClassVar[Literal["header"]] = "header"
    name: ClassVar[str] = "Authorization"

    environment: str = ""
    """Environment variable with `user:password` that is read where no login is given; empty for none."""

    def secret(self, given: str | Login) -> Secret:
        """Return what goes out for a login, or for its text, `user:password`.

        A password of less than 8 characters hides nothing, and is not looked for in what the service says. Many
        services take a key for the user: one that stands beside such a password, or is long and no mail address, is
        treated as a secret.

        Raises:
            ConfigurationError: The login is no user and password, or cannot be carried.
        """
        if isinstance(given, str):
            user, colon, password = given.partition(":")
            if not colon:
                raise ConfigurationError("the login is a text without colon, expected user:password")
        else:
            user, password = given
        if ":" in user:
            raise ConfigurationError("the user of the login holds a colon, which would end it")
        text = f"{user}:{password}"
        if text == ":" or any(character < " " or character == "\x7f" for character in text):
            raise ConfigurationError("the login is empty or holds control characters")
        try:
            encoded = b2a_base64(text.encode(), newline=False).decode()
        except UnicodeEncodeError:
            raise ConfigurationError("the login holds a lone surrogate, which is no character") from None
        hidden = [encoded]
        if len(password) >= _SHORT_PASSWORD:
            hidden.append(password)
        if user and (len(password) < _SHORT_PASSWORD or (len(user) >= _LONG_USER and "@" not in user)):
            hidden.append(user)
        return Secret(f"Basic {encoded}", tuple(hidden))


Scheme: TypeAlias = APIKey | BearerToken | BasicLogin
"""How a service knows its callers."""


def _checked_token(given: str | Login) -> str:
    # Whatever a header cannot carry would end in an error text of the HTTP stack that shows the token.
    if not isinstance(given, str) or not is_header_value(given):
        raise ConfigurationError("the token is empty or holds characters that a header cannot carry")
    return given
