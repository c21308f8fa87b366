import os

ISSUER_URL = os.environ["ISSUER_URL"]
SIMPLE_JWT = {
    "ALGORITHM": "RS256",
    "JWK_URL": f"{ISSUER_URL}/.well-known/jwks.json",
    "ISSUER": ISSUER_URL,
    "AUDIENCE": os.environ["AUDIENCE"],
    "LEEWAY": 10,
    "TOKEN_TYPE_CLAIM": None,
    "USER_ID_CLAIM": "sub",
    "AUTH_TOKEN_CLASSES": ("verifiers.simplejwt.DojangAccessToken",),
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": (
        "rest_framework_simplejwt.authentication.JWTStatelessUserAuthentication",
    ),
    "DEFAULT_PERMISSION_CLASSES": ("rest_framework.permissions.IsAuthenticated",),
}
