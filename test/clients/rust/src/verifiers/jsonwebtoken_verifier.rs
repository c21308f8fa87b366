use std::{
    env,
    error::Error,
    time::{Duration, Instant},
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde::Deserialize;
use tokio::sync::Mutex;

const MAX_AGE: Duration = Duration::from_secs(30);
const MAX_AGE_WITHOUT_ISSUER: Duration = Duration::from_secs(3600);

#[derive(Deserialize)]
pub struct Claims {
    pub sub: String,
}

pub struct Verifier {
    http: reqwest::Client,
    jwks_url: String,
    keys: Mutex<Option<(Instant, JwkSet)>>,
    validation: Validation,
}

impl Verifier {
    pub fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let issuer = env::var("ISSUER_URL")?;
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[&issuer]);
        validation.set_audience(&[env::var("AUDIENCE")?]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.leeway = 10;
        Ok(Self {
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(3))
                .build()?,
            jwks_url: format!("{issuer}/.well-known/jwks.json"),
            keys: Mutex::new(None),
            validation,
        })
    }

    /// The keys of the issuer, at most 30 seconds old. While the issuer is down, at most an hour old.
    async fn keys(&self) -> Result<JwkSet, reqwest::Error> {
        let mut kept = self.keys.lock().await;
        if let Some((fetched, keys)) = kept.as_ref()
            && fetched.elapsed() < MAX_AGE
        {
            return Ok(keys.clone());
        }
        let response = self.http.get(&self.jwks_url).send().await;
        let fetched = match response.and_then(|answer| answer.error_for_status()) {
            Ok(answer) => answer.json::<JwkSet>().await,
            Err(error) => Err(error),
        };
        match (fetched, kept.as_ref()) {
            (Ok(keys), _) => {
                *kept = Some((Instant::now(), keys.clone()));
                Ok(keys)
            }
            (Err(_), Some((fetched, keys))) if fetched.elapsed() < MAX_AGE_WITHOUT_ISSUER => Ok(keys.clone()),
            (Err(error), _) => Err(error),
        }
    }

    /// The claims of an access token, or an error if the token is not valid here.
    pub async fn verify(&self, token: &str) -> Result<Claims, Box<dyn Error + Send + Sync>> {
        let header = decode_header(token)?;
        if header.typ.as_deref() != Some("at+jwt") {
            return Err("not an access token".into());
        }
        let keys = self.keys().await?;
        let key = keys.find(&header.kid.unwrap_or_default()).ok_or("unknown key")?;
        Ok(decode::<Claims>(token, &DecodingKey::from_jwk(key)?, &self.validation)?.claims)
    }
}
