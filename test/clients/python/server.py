"""All client libraries and verifiers for Flask, under /clients/NAME and /verifiers/NAME."""

import os

# The issuer of the suite listens on loopback without TLS. oauthlib refuses that without this variable.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"

from flask import Flask, jsonify, request

from clients import authlib_flask as authlib_client
from clients import requests_oauthlib_flask
from verifiers import authlib_flask, joserfc_claims, pyjwt, python_jose, quick_starts

app = Flask(__name__)
app.secret_key = "only for this test"
authlib_client.oauth.init_app(app)
app.register_blueprint(authlib_client.routes, url_prefix="/clients/authlib")
app.register_blueprint(requests_oauthlib_flask.routes, url_prefix="/clients/requests-oauthlib")
app.register_blueprint(authlib_flask.routes, url_prefix="/verifiers/authlib")
app.register_blueprint(quick_starts.authlib, url_prefix="/quick-starts/authlib")

functions = {
    "/verifiers/pyjwt": pyjwt.verify,
    "/verifiers/joserfc": joserfc_claims.verify,
    "/verifiers/python-jose": python_jose.verify,
    "/quick-starts/pyjwt": quick_starts.pyjwt,
    "/quick-starts/joserfc": quick_starts.joserfc,
    "/quick-starts/python-jose": quick_starts.python_jose,
}


@app.get("/")
def root():
    return jsonify()


@app.get("/<kind>/<name>")
def check(kind, name):
    try:
        claims = functions[f"/{kind}/{name}"](request.headers["authorization"].removeprefix("Bearer "))
    except Exception as error:
        return jsonify(error=repr(error)), 401
    return jsonify(sub=claims["sub"])


app.run("127.0.0.1", int(os.environ["PORT"]), threaded=True)
