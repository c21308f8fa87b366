"""The verifiers as the documentation of each library shows them first."""

import os
from functools import cache

import jwt
import requests
from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Blueprint, jsonify
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet
from jose import jwt as jose_jwt

ISSUER_URL, AUDIENCE = os.environ["ISSUER_URL"], os.environ["AUDIENCE"]
URL = f"{ISSUER_URL}/.well-known/jwks.json"
client = jwt.PyJWKClient(URL)


@cache
def jwks():
    return requests.get(URL, timeout=5).json()


def pyjwt(token):
    key = client.get_signing_key_from_jwt(token)
    return jwt.decode(token, key, audience=AUDIENCE, algorithms=["RS256"])


def joserfc(token):
    return joserfc_jwt.decode(token, KeySet.import_key_set(jwks())).claims


def python_jose(token):
    return jose_jwt.decode(token, jwks(), algorithms=["RS256"], audience=AUDIENCE)


class MyValidator(JWTBearerTokenValidator):
    def get_jwks(self):
        return KeySet.import_key_set(jwks())


require_oauth = ResourceProtector()
require_oauth.register_token_validator(MyValidator(issuer=ISSUER_URL, resource_server=AUDIENCE))
authlib = Blueprint("authlib quick start", __name__)


@authlib.get("/")
@require_oauth()
def me():
    return jsonify(sub=current_token["sub"])
