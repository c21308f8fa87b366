//! All client libraries and verifiers for Rust, under /clients/NAME and /verifiers/NAME.

mod clients;
mod verifiers;

use std::{collections::HashMap, env, sync::Arc};

use axum::{
    Json, Router,
    extract::Query,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use clients::{Outcome, oauth2_client, openidconnect_client};
use serde_json::{Value, json};
use verifiers::{jsonwebtoken_verifier::Verifier, quick_starts};

fn answer(outcome: Outcome<Value>) -> Response {
    match outcome {
        Ok(fields) => Json(fields).into_response(),
        Err(error) => (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": format!("{error:?}") })),
        )
            .into_response(),
    }
}

fn redirect(outcome: Outcome<String>) -> Response {
    match outcome {
        Ok(url) => Redirect::to(&url).into_response(),
        Err(error) => answer(Err(error)),
    }
}

fn bearer(headers: &HeaderMap) -> &str {
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    header
        .and_then(|text| text.strip_prefix("Bearer "))
        .unwrap_or_default()
}

/// The routes of a library without routes of its own.
macro_rules! client_routes {
    ($client:expr) => {{
        let begin = Arc::new($client);
        let (finish, refresh) = (begin.clone(), begin.clone());
        Router::new()
            .route("/login", get(async move || redirect(begin.begin().await)))
            .route(
                "/callback",
                get(async move |Query(mut query): Query<HashMap<String, String>>| {
                    answer(finish.finish(query.remove("code").unwrap_or_default()).await)
                }),
            )
            .route("/refresh", get(async move || answer(refresh.refresh().await)))
    }};
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let verifier = Arc::new(Verifier::new()?);
    let verify = async move |headers: HeaderMap| {
        answer(
            verifier
                .verify(bearer(&headers))
                .await
                .map(|claims| json!({ "sub": claims.sub })),
        )
    };
    let quick_start = async |headers: HeaderMap| {
        answer(
            quick_starts::jsonwebtoken(bearer(&headers))
                .await
                .map(|claims| json!({ "sub": claims["sub"] })),
        )
    };
    let routes = Router::new()
        .route("/", get(async || Json(json!({}))))
        .nest(
            "/clients/openidconnect",
            client_routes!(openidconnect_client::Client::default()),
        )
        .nest(
            "/clients/oauth2",
            client_routes!(oauth2_client::Client::default()),
        )
        .route("/verifiers/jsonwebtoken", get(verify))
        .route("/quick-starts/jsonwebtoken", get(quick_start));
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", env::var("PORT")?)).await?;
    Ok(axum::serve(listener, routes).await?)
}
