//! openidconnect, as its documentation shows.

use std::env;

use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope, TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata},
};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use super::{Outcome, http_client};

#[derive(Default)]
pub struct Client {
    pending: Mutex<Option<(PkceCodeVerifier, Nonce)>>,
    refresh_token: Mutex<Option<RefreshToken>>,
}

/// The type of a client has a parameter for each endpoint, so a macro is shorter than a function.
macro_rules! client {
    ($http:expr) => {
        CoreClient::from_provider_metadata(
            CoreProviderMetadata::discover_async(IssuerUrl::new(env::var("ISSUER_URL")?)?, $http).await?,
            ClientId::new(env::var("CLIENT_ID")?),
            Some(ClientSecret::new(env::var("CLIENT_SECRET")?)),
        )
        .set_redirect_uri(RedirectUrl::new(format!(
            "{}/clients/openidconnect/callback",
            env::var("BASE_URL")?
        ))?)
    };
}

impl Client {
    pub async fn begin(&self) -> Outcome<String> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, _state, nonce) = client!(&http_client()?)
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("profile".into()))
            .add_scope(Scope::new("email".into()))
            .add_scope(Scope::new("offline_access".into()))
            .set_pkce_challenge(challenge)
            .url();
        *self.pending.lock().await = Some((verifier, nonce));
        Ok(url.to_string())
    }

    pub async fn finish(&self, code: String) -> Outcome<Value> {
        let http = http_client()?;
        let client = client!(&http);
        let (verifier, nonce) = self.pending.lock().await.take().ok_or("no sign-in is pending")?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(verifier)
            .request_async(&http)
            .await?;
        let id_token = tokens.id_token().ok_or("no ID token")?;
        let claims = id_token.claims(&client.id_token_verifier(), &nonce)?;
        *self.refresh_token.lock().await = tokens.refresh_token().cloned();
        Ok(json!({ "sub": claims.subject().as_str(), "access_token": tokens.access_token().secret() }))
    }

    pub async fn refresh(&self) -> Outcome<Value> {
        let http = http_client()?;
        let mut kept = self.refresh_token.lock().await;
        let before = kept.take().ok_or("not signed in")?;
        let tokens = client!(&http)
            .exchange_refresh_token(&before)?
            .request_async(&http)
            .await?;
        *kept = tokens.refresh_token().cloned();
        Ok(json!({ "access_token": tokens.access_token().secret() }))
    }
}
