//! oauth2, as its documentation shows. The library does not read ID tokens, so /userinfo names the user.

use std::env;

use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RefreshToken, Scope, TokenResponse, TokenUrl, basic::BasicClient,
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Outcome, http_client};

#[derive(Default)]
pub struct Client {
    pending: Mutex<Option<PkceCodeVerifier>>,
    refresh_token: Mutex<Option<RefreshToken>>,
}

/// The type of a client has a parameter for each endpoint, so a macro is shorter than a function.
macro_rules! client {
    () => {
        BasicClient::new(ClientId::new(env::var("CLIENT_ID")?))
            .set_client_secret(ClientSecret::new(env::var("CLIENT_SECRET")?))
            .set_auth_uri(AuthUrl::new(format!("{}/authorize", env::var("ISSUER_URL")?))?)
            .set_token_uri(TokenUrl::new(format!("{}/token", env::var("ISSUER_URL")?))?)
            .set_redirect_uri(RedirectUrl::new(format!(
                "{}/clients/oauth2/callback",
                env::var("BASE_URL")?
            ))?)
    };
}

impl Client {
    pub async fn begin(&self) -> Outcome<String> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, _state) = client!()
            .authorize_url(CsrfToken::new_random)
            .add_scope(Scope::new("openid".into()))
            .add_scope(Scope::new("offline_access".into()))
            .set_pkce_challenge(challenge)
            .url();
        *self.pending.lock().await = Some(verifier);
        Ok(url.to_string())
    }

    pub async fn finish(&self, code: String) -> Outcome<Value> {
        let http = http_client()?;
        let verifier = self.pending.lock().await.take().ok_or("no sign-in is pending")?;
        let tokens = client!()
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await?;
        let access_token = tokens.access_token().secret();
        let url = format!("{}/userinfo", env::var("ISSUER_URL")?);
        let user: Value = http
            .get(url)
            .bearer_auth(access_token)
            .send()
            .await?
            .json()
            .await?;
        *self.refresh_token.lock().await = tokens.refresh_token().cloned();
        Ok(json!({ "sub": user["sub"], "access_token": access_token }))
    }

    pub async fn refresh(&self) -> Outcome<Value> {
        let http = http_client()?;
        let mut kept = self.refresh_token.lock().await;
        let before = kept.take().ok_or("not signed in")?;
        let tokens = client!()
            .exchange_refresh_token(&before)
            .request_async(&http)
            .await?;
        *kept = tokens.refresh_token().cloned();
        Ok(json!({ "access_token": tokens.access_token().secret() }))
    }
}
