pub mod jsonwebtoken_verifier;
pub mod quick_starts;
