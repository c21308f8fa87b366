// passport-openidconnect, as its documentation shows, with a nonce. It knows no PKCE and no refresh.
import express from 'express'
import session from 'express-session'
import passport from 'passport'
import OpenIDConnectStrategy from 'passport-openidconnect'

const { ISSUER_URL, CLIENT_ID, CLIENT_SECRET, BASE_URL } = process.env

passport.use(
  new OpenIDConnectStrategy(
    {
      issuer: ISSUER_URL,
      authorizationURL: `${ISSUER_URL}/authorize`,
      tokenURL: `${ISSUER_URL}/token`,
      userInfoURL: `${ISSUER_URL}/userinfo`,
      clientID: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      callbackURL: `${BASE_URL}/clients/passport/callback`,
      scope: ['profile', 'email', 'offline_access'],
      nonce: true,
    },
    (_issuer, profile, _context, id_token, access_token, refresh_token, done) =>
      done(null, { sub: profile.id, id_token, access_token, refresh_token }),
  ),
)

export const app = express()
app.use(session({ secret: 'only for this test', resave: false, saveUninitialized: false }))
app.get('/login', passport.authenticate('openidconnect'))
app.get('/callback', passport.authenticate('openidconnect', { session: false }), (request, response) =>
  response.json(request.user),
)
