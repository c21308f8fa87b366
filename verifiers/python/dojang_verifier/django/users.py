"""Finds the local user of a token, as `DOJANG["FIND_USER"]` says. There is no default.

Nothing here looks at user names or e-mail addresses. People choose these, and could choose another person's.
"""

import secrets
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.module_loading import import_string

from ..errors import TokenError, ids_of
from ..token import VerifiedToken


def find_user(token: VerifiedToken) -> Any | None:
    """The local user of the token, found by the function that `DOJANG["FIND_USER"]` names."""
    return configured_find_user()(token)


def active_user(token: VerifiedToken) -> Any:
    """The local user of the token. Raises TokenError if there is none, or if it is not active."""
    return checked(find_user(token), token)


def checked(user: Any | None, token: VerifiedToken) -> Any:
    if user is None:
        # The status is 403, because another token would not help.
        raise TokenError("no_local_user", verified=ids_of(token.claims))
    if not user.is_active:
        raise TokenError("revoked", verified=ids_of(token.claims))
    return user


def configured_find_user() -> Callable[[VerifiedToken], Any | None]:
    path = getattr(settings, "DOJANG", {}).get("FIND_USER")
    if path is None:
        raise ImproperlyConfigured(
            'DOJANG["FIND_USER"] is not set, so a token cannot be mapped to a local user. Set it to the dotted path '
            'of a function, such as "dojang_verifier.django.users.user_by_legacy_id" for imported users or '
            '"dojang_verifier.django.users.linked_user" for linked users. For views that need no local user, use '
            "DojangStatelessAuthentication."
        )
    return import_string(path)


def user_by_claim(token: VerifiedToken, claim: str, *, field: str = "pk") -> Any | None:
    """The user whose `field` equals the claim, or None. `field` must be unique and set by your own code only.

    Look at `token.issuer` first if the verifier accepts several issuers: each of them decides its own claims.
    """
    users = get_user_model()
    named = users._meta.pk.name if field == "pk" else field
    if named in (users.USERNAME_FIELD, users.get_email_field_name()):
        raise ImproperlyConfigured(
            f"People choose their {named} themselves, so it cannot map a token to a user. Map an id that your code "
            "assigns, such as the primary key."
        )
    value = token.claims.get(claim)
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        user = users._default_manager.annotate(_mapped=F(field)).get(**{field: value})
    except (users.DoesNotExist, ValueError, ValidationError, OverflowError):
        return None
    # A database may ignore case or spaces, and Python reads " 3" as 3. Only the exact value counts.
    return user if str(user._mapped) == str(value) else None


def user_by_legacy_id(token: VerifiedToken) -> Any | None:
    """The user whose primary key is the claim `legacy_id`. `dojang users import` keeps the old id there."""
    return user_by_claim(token, "legacy_id")


def linked_user(token: VerifiedToken) -> Any | None:
    """The user that a DojangAccount links to the token's issuer and subject, or None."""
    if token.issuer is None:
        return None
    account = _accounts().filter(issuer=token.issuer, subject=token.subject).select_related("user").first()
    # A database may ignore case.
    if account is None or account.subject != token.subject:
        return None
    return account.user


def create_linked_user(token: VerifiedToken, **fields: Any) -> Any:
    """Creates and links a local user with an unusable password. Returns the linked user if there is one.

    `fields` go to the user model. Call this only for a person who cannot have an older local user.
    """
    if token.issuer is None:
        raise PermissionDenied("A token without an issuer cannot be linked.")
    user = linked_user(token)
    if user is not None:
        return user
    users = get_user_model()
    fields.setdefault(users.USERNAME_FIELD, _free_user_name(token.subject))
    try:
        with transaction.atomic():
            user = users(**fields)
            user.set_unusable_password()
            user.save()
            _accounts().create(user=user, issuer=token.issuer, subject=token.subject)
            return user
    except IntegrityError:
        # Another request may have linked the same subject first.
        user = linked_user(token)
        if user is None:
            raise
        return user


class TokenUser:
    """A person without a local user. It has the name of the subject and no permissions."""

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False

    def __init__(self, token: VerifiedToken) -> None:
        self.token = token
        self.username = token.subject
        self.pk = self.id = f"{token.issuer or ''}#{token.subject}"
        """Unique per person, for throttles and logs. It never equals the primary key of a row."""

    def __str__(self) -> str:
        return self.username

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TokenUser) and self.pk == other.pk

    def __hash__(self) -> int:
        return hash(self.pk)

    def get_username(self) -> str:
        return self.username

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        return False

    def has_perms(self, _perms: object, _obj: object = None) -> bool:
        return False

    def has_module_perms(self, _label: str) -> bool:
        return False


def _free_user_name(subject: str) -> str:
    """The subject, or the subject with a random suffix if a local user already has that name."""
    users = get_user_model()
    taken = users._default_manager.filter(**{users.USERNAME_FIELD: subject}).exists()
    return f"{subject}-{secrets.token_hex(4)}" if taken else subject


def _accounts() -> Any:
    try:
        return apps.get_model("dojang_verifier", "DojangAccount").objects
    except LookupError as error:
        raise ImproperlyConfigured(
            'The table of linked users is missing. Add "dojang_verifier.django" to INSTALLED_APPS and run '
            '"python manage.py migrate".'
        ) from error
