"""A small Django project. Dojang needs one entry in INSTALLED_APPS and the last three settings."""

import os
import secrets
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent
# A random key is enough, because this project signs no tokens and keeps no sessions.
SECRET_KEY = os.environ.get("SECRET_KEY") or secrets.token_urlsafe(50)
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "dojang_verifier.django",
]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware"]
ROOT_URLCONF = "shop.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DATABASE", BASE_DIR / "shop.sqlite3"),
        "OPTIONS": {"timeout": 20},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["dojang_verifier.rest_framework.DojangAuthentication"]}

ISSUER = os.environ.get("ISSUER", "http://localhost:4000")
DOJANG = {
    "ISSUER": ISSUER,
    "AUDIENCE": os.environ.get("AUDIENCE", f"{ISSUER}/api"),
    "NAME": "example-django",
    "FIND_USER": "shop.auth.find_user",
}
