import os

from authlib.integrations.flask_oauth2 import ResourceProtector, current_token
from authlib.oauth2.rfc9068 import JWTBearerTokenValidator
from flask import Blueprint, jsonify
from joserfc.jwk import KeySet

from .jwks import jwks


class DojangTokens(JWTBearerTokenValidator):
    def get_jwks(self):
        return KeySet.import_key_set(jwks())


require_token = ResourceProtector()
require_token.register_token_validator(
    DojangTokens(issuer=os.environ["ISSUER_URL"], resource_server=os.environ["AUDIENCE"])
)
routes = Blueprint("authlib", __name__)


@routes.get("/")
@require_token()
def me():
    return jsonify(sub=current_token["sub"])
