import os
import tempfile

from verifiers.simplejwt_settings import REST_FRAMEWORK, SIMPLE_JWT  # noqa: F401

ISSUER_URL = os.environ["ISSUER_URL"]
SECRET_KEY = "only for this test, with enough characters"
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "shop.urls"
USE_TZ = True
DATABASES = {
    "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{tempfile.mkdtemp()}/shop.sqlite3"}
}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mozilla_django_oidc",
    "social_django",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
AUTHENTICATION_BACKENDS = [
    # The first of the two redeems every code, so the one that looks at the request more closely comes first.
    "social_core.backends.open_id_connect.OpenIdConnectAuth",
    "mozilla_django_oidc.auth.OIDCAuthenticationBackend",
    "django.contrib.auth.backends.ModelBackend",
]

# mozilla-django-oidc, as its documentation shows. It sends a nonce and no PKCE, and it has no refresh.
OIDC_RP_CLIENT_ID = os.environ["CLIENT_ID"]
OIDC_RP_CLIENT_SECRET = os.environ["CLIENT_SECRET"]
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{ISSUER_URL}/authorize"
OIDC_OP_TOKEN_ENDPOINT = f"{ISSUER_URL}/token"
OIDC_OP_USER_ENDPOINT = f"{ISSUER_URL}/userinfo"
OIDC_OP_JWKS_ENDPOINT = f"{ISSUER_URL}/.well-known/jwks.json"
OIDC_STORE_ID_TOKEN = True
LOGIN_REDIRECT_URL = "/clients/mozilla-django-oidc/me"

# python-social-auth, as its documentation shows.
SOCIAL_AUTH_OIDC_OIDC_ENDPOINT = ISSUER_URL
SOCIAL_AUTH_OIDC_KEY = os.environ["CLIENT_ID"]
SOCIAL_AUTH_OIDC_SECRET = os.environ["CLIENT_SECRET"]
SOCIAL_AUTH_OIDC_SCOPE = ["offline_access"]
SOCIAL_AUTH_LOGIN_REDIRECT_URL = "/clients/social-auth/me"
