"""Which local user a token opens in Django REST framework. The old tokens come from a real SimpleJWT."""

from contextlib import ExitStack

import pytest
from django_site import issuer
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings
from issuer import URL
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, SlidingToken

from dojang_verifier import TokenError, VerifiedToken
from dojang_verifier.django import users as django_users
from dojang_verifier.django.models import DojangAccount
from dojang_verifier.django.users import TokenUser, create_linked_user, linked_user, user_by_claim, user_by_legacy_id

User = get_user_model()
VERIFIER = {"VERIFIER": "django_site.make_verifier"}
FORBIDDEN = (403, {"detail": "This user has no account in this service.", "code": "no_local_user"})
INVALID = (401, {"detail": "The access token is not valid. It may have expired.", "code": "invalid_token"})


@pytest.fixture(autouse=True)
def project():
    """The migrated project, and a database that forgets what a test wrote."""
    call_command("migrate", verbosity=0)
    with ExitStack() as stack:
        stack.enter_context(override_settings(DOJANG={**VERIFIER, "FIND_USER": "django_site.find_migrated_user"}))
        stack.enter_context(transaction.atomic())
        yield
        transaction.set_rollback(True)


@pytest.fixture
def alice():
    return User.objects.create_user("alice")


def simplejwt(kind, user) -> str:
    token = kind.for_user(user)
    token.payload["iat"] = int(issuer.clock())
    token.payload["exp"] = int(issuer.clock()) + 300
    return str(token)


def get(token, path="/rest/me"):
    answer = Client().get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, answer.json()


def verified(subject="usr_1", issuer_name: str | None = URL, **claims):
    return VerifiedToken(subject, issuer_name, [], [], {"sub": subject, **claims})


def test_an_old_token_opens_the_user_with_that_primary_key_and_not_the_user_with_that_name(alice):
    stranger = User.objects.create_user(str(alice.pk))
    assert get(simplejwt(AccessToken, alice)) == (200, {"pk": alice.pk, "name": "alice"})
    assert get(simplejwt(AccessToken, stranger))[1]["pk"] == stranger.pk


def test_a_legacy_id_opens_the_user_with_that_primary_key_and_not_the_user_with_that_name(alice):
    User.objects.create_user(str(alice.pk))
    assert get(issuer.token(legacy_id=str(alice.pk))) == (200, {"pk": alice.pk, "name": "alice"})


def test_a_subject_does_not_open_the_user_with_that_name():
    User.objects.create_user("usr_1")
    assert get(issuer.token(sub="usr_1")) == FORBIDDEN


def test_a_subject_does_not_open_the_user_with_that_primary_key(alice):
    assert get(issuer.token(sub=str(alice.pk))) == FORBIDDEN


def test_a_user_name_or_an_email_address_in_the_token_opens_no_user():
    User.objects.create_user("bob", "bob@example.com")
    assert get(issuer.token(username="bob", email="bob@example.com", email_verified=True)) == FORBIDDEN


def test_an_old_user_id_in_a_token_of_the_issuer_opens_no_user(alice):
    assert get(issuer.token(user_id=str(alice.pk))) == FORBIDDEN


def test_no_token_creates_a_user_row(alice):
    for token in (simplejwt(AccessToken, alice), issuer.token(legacy_id=str(alice.pk)), issuer.token(sub="usr_9")):
        get(token)
        get(token)
    assert list(User.objects.values_list("username", flat=True)) == ["alice"]


@pytest.mark.parametrize("kind", [RefreshToken, SlidingToken])
def test_an_old_refresh_token_is_rejected(alice, kind):
    assert get(simplejwt(kind, alice)) == INVALID


def test_a_legacy_id_without_a_row_opens_no_user(alice):
    token = issuer.token(legacy_id=str(alice.pk))
    alice.delete()
    assert get(token) == FORBIDDEN


def test_a_deactivated_local_user_is_rejected(alice):
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert get(simplejwt(AccessToken, alice)) == INVALID
    assert get(issuer.token(legacy_id=str(alice.pk))) == INVALID


def test_a_project_without_a_mapping_gets_a_configuration_error():
    with override_settings(DOJANG=VERIFIER), pytest.raises(ImproperlyConfigured, match="FIND_USER"):
        get(issuer.token())


def test_a_plain_view_gets_the_same_user_as_rest_framework(alice):
    assert get(issuer.token(legacy_id=str(alice.pk)), "/django/me") == (200, {"sub": "usr_1", "name": "alice"})
    assert get(issuer.token(), "/django/me") == FORBIDDEN
    assert get(issuer.token(legacy_id=str(alice.pk), scope="openid"), "/django/me")[0] == 403
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert get(issuer.token(legacy_id=str(alice.pk)), "/django/me") == INVALID


@pytest.mark.parametrize("path", ["/rest/me", "/django/me"])
def test_a_mapping_may_refuse_a_token_itself(path):
    with override_settings(DOJANG={**VERIFIER, "FIND_USER": "test_django_users.refuse_everyone"}):
        assert get(issuer.token(), path) == INVALID


def refuse_everyone(_token):
    raise TokenError("revoked")


def test_stateless_authentication_needs_no_mapping_and_no_row():
    with override_settings(DOJANG=VERIFIER):
        assert get(issuer.token(), "/rest/stateless/me") == (200, {"pk": f"{URL}#usr_1", "name": "usr_1"})
    assert User.objects.count() == 0


def test_a_token_user_has_no_permissions():
    user = TokenUser(verified())
    assert user.is_authenticated and not user.is_staff and not user.is_superuser
    assert not user.has_perm("auth.change_user") and not user.has_perms([]) and not user.has_module_perms("auth")


def test_a_linked_subject_opens_its_user_and_no_other_issuer_can_use_the_link(alice):
    DojangAccount.objects.create(user=alice, issuer=URL, subject="usr_1")
    assert get(issuer.token()) == (200, {"pk": alice.pk, "name": "alice"})
    assert get(issuer.token(sub="usr_2")) == FORBIDDEN
    assert linked_user(verified(issuer_name="https://other.example.com")) is None
    assert linked_user(verified(issuer_name=None)) is None


def test_a_linked_user_is_created_once_with_an_unusable_password():
    created = create_linked_user(verified(), first_name="Kim")
    assert (created.get_username(), created.first_name, created.has_usable_password()) == ("usr_1", "Kim", False)
    assert create_linked_user(verified()) == created == linked_user(verified())
    assert User.objects.count() == 1


def test_a_linked_user_never_takes_over_the_row_that_has_the_name():
    stranger = User.objects.create_user("usr_1")
    created = create_linked_user(verified())
    assert created.pk != stranger.pk
    assert created.get_username().startswith("usr_1-")


def test_two_requests_that_create_the_same_linked_user_get_one_row(monkeypatch):
    first = create_linked_user(verified())
    answers = iter([None, first])
    monkeypatch.setattr(django_users, "linked_user", lambda _: next(answers))
    assert create_linked_user(verified()) == first
    assert User.objects.count() == 1


def test_an_old_token_creates_no_linked_user():
    with pytest.raises(PermissionDenied):
        create_linked_user(verified(issuer_name=None))


@pytest.mark.parametrize("write", [" {}", "0{}", "{}.0", "{}\n", "+{}", "", "usr_1"])
def test_only_the_exact_text_of_a_primary_key_opens_its_user(alice, write):
    assert user_by_legacy_id(verified(legacy_id=str(alice.pk))) == alice
    assert user_by_legacy_id(verified(legacy_id=alice.pk)) == alice
    assert user_by_legacy_id(verified(legacy_id=write.format(alice.pk))) is None


def test_a_claim_that_is_not_a_string_or_an_integer_opens_no_user():
    User.objects.create_user("first", pk=1)
    for value in (True, 1.0, None, [1], {"pk": 1}, 10**30):
        assert user_by_legacy_id(verified(legacy_id=value)) is None


@pytest.mark.parametrize("field", ["username", "email"])
def test_a_field_that_people_choose_cannot_map_a_token(field):
    with pytest.raises(ImproperlyConfigured, match=field):
        user_by_claim(verified(username="bob"), "username", field=field)


def test_a_primary_key_that_people_choose_cannot_map_a_token(monkeypatch):
    monkeypatch.setattr(User, "USERNAME_FIELD", User._meta.pk.name)
    with pytest.raises(ImproperlyConfigured, match="People choose their id"):
        user_by_legacy_id(verified(legacy_id=1))


def test_the_migrations_match_the_models():
    call_command("makemigrations", "dojang_verifier", check=True, dry_run=True, verbosity=0)
