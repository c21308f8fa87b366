"""Authlib's client for Flask, as its documentation shows."""

import os

from authlib.integrations.flask_client import OAuth
from flask import Blueprint, jsonify, session

oauth = OAuth()
oauth.register(
    "dojang",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{os.environ['ISSUER_URL']}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile email offline_access"},
)
routes = Blueprint("authlib client", __name__)
BASE_URL = os.environ["BASE_URL"]


@routes.get("/login")
def login():
    return oauth.dojang.authorize_redirect(f"{BASE_URL}/clients/authlib/callback")


@routes.get("/callback")
def callback():
    token = oauth.dojang.authorize_access_token()
    session["refresh_token"] = token["refresh_token"]
    return jsonify(sub=token["userinfo"]["sub"], access_token=token["access_token"])


@routes.get("/refresh")
def refresh():
    token = oauth.dojang.fetch_access_token(
        grant_type="refresh_token", refresh_token=session["refresh_token"]
    )
    session["refresh_token"] = token["refresh_token"]
    return jsonify(access_token=token["access_token"])
