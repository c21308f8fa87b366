package main

import (
	"context"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// addOAuth2Client adds golang.org/x/oauth2 with go-oidc, as its documentation shows.
func addOAuth2Client(routes *http.ServeMux) error {
	provider, err := oidc.NewProvider(context.Background(), os.Getenv("ISSUER_URL"))
	if err != nil {
		return err
	}
	config := oauth2.Config{
		ClientID:     os.Getenv("CLIENT_ID"),
		ClientSecret: os.Getenv("CLIENT_SECRET"),
		Endpoint:     provider.Endpoint(),
		RedirectURL:  os.Getenv("BASE_URL") + "/clients/go-oidc/callback",
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email", oidc.ScopeOfflineAccess},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})
	var codeVerifier, nonce string
	var token *oauth2.Token

	routes.HandleFunc("/clients/go-oidc/login", func(w http.ResponseWriter, r *http.Request) {
		codeVerifier, nonce = oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
		url := config.AuthCodeURL("state", oidc.Nonce(nonce), oauth2.S256ChallengeOption(codeVerifier))
		http.Redirect(w, r, url, http.StatusFound)
	})
	routes.HandleFunc("/clients/go-oidc/callback", func(w http.ResponseWriter, r *http.Request) {
		token, err = config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(codeVerifier))
		if err != nil {
			answer(w, nil, err)
			return
		}
		raw, _ := token.Extra("id_token").(string)
		idToken, err := verifier.Verify(r.Context(), raw)
		if err != nil || idToken.Nonce != nonce {
			answer(w, nil, err)
			return
		}
		answer(w, map[string]string{"sub": idToken.Subject, "access_token": token.AccessToken}, nil)
	})
	routes.HandleFunc("/clients/go-oidc/refresh", func(w http.ResponseWriter, r *http.Request) {
		// The library refreshes when the token has expired. The copy makes it believe so.
		expired := &oauth2.Token{RefreshToken: token.RefreshToken}
		token, err = config.TokenSource(r.Context(), expired).Token()
		if err != nil {
			answer(w, nil, err)
			return
		}
		answer(w, map[string]string{"access_token": token.AccessToken}, nil)
	})
	return nil
}
