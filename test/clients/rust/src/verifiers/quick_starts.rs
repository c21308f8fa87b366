//! The verifier as the documentation of the library shows it first.

use std::{env, error::Error};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::Value;

fn jwks_url() -> String {
    format!(
        "{}/.well-known/jwks.json",
        env::var("ISSUER_URL").unwrap_or_default()
    )
}

/// The example of the library sets the audience only if the caller needs it.
pub async fn jsonwebtoken(token: &str) -> Result<Value, Box<dyn Error + Send + Sync>> {
    let keys = reqwest::get(jwks_url()).await?.json::<JwkSet>().await?;
    let kid = decode_header(token)?.kid.ok_or("no kid")?;
    let key = DecodingKey::from_jwk(keys.find(&kid).ok_or("unknown key")?)?;
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[env::var("AUDIENCE")?]);
    Ok(decode::<Value>(token, &key, &validation)?.claims)
}
