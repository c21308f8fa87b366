pub mod oauth2_client;
pub mod openidconnect_client;

use std::error::Error;

pub type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The HTTP client that both libraries recommend: it follows no redirects.
pub fn http_client() -> Outcome<reqwest::Client> {
    Ok(reqwest::ClientBuilder::new()
        .redirect(reqwest::redirect::Policy::none())
        .build()?)
}
