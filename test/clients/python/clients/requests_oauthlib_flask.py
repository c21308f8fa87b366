"""requests-oauthlib, as its documentation shows. PKCE is one argument. The library does not read ID tokens."""

import os

from flask import Blueprint, jsonify, redirect, request, session
from requests_oauthlib import OAuth2Session

ISSUER_URL, BASE_URL = os.environ["ISSUER_URL"], os.environ["BASE_URL"]
CLIENT_ID, CLIENT_SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
dojang = OAuth2Session(
    CLIENT_ID,
    redirect_uri=f"{BASE_URL}/clients/requests-oauthlib/callback",
    scope=["openid", "profile", "email", "offline_access"],
    pkce="S256",
)
routes = Blueprint("requests-oauthlib", __name__)


@routes.get("/login")
def login():
    url, session["state"] = dojang.authorization_url(f"{ISSUER_URL}/authorize")
    return redirect(url)


@routes.get("/callback")
def callback():
    token = dojang.fetch_token(
        f"{ISSUER_URL}/token", client_secret=CLIENT_SECRET, authorization_response=request.url
    )
    user = dojang.get(f"{ISSUER_URL}/userinfo").json()
    return jsonify(sub=user["sub"], access_token=token["access_token"])


@routes.get("/refresh")
def refresh():
    token = dojang.refresh_token(f"{ISSUER_URL}/token", client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    return jsonify(access_token=token["access_token"])
