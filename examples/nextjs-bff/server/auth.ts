// Signs users in at Dojang with Auth.js. Tokens are only in the session cookie, encrypted and HttpOnly.
import NextAuth from 'next-auth'
import { sessionSeconds } from './session'
import { settings } from './settings'

/** `offline_access` asks for a refresh token, and `orders:…` for the scopes of the API. */
const scope = 'openid profile email offline_access orders:read orders:write'

export const { handlers, signIn } = NextAuth(() => ({
  trustHost: true,
  session: { strategy: 'jwt', maxAge: sessionSeconds },
  // The start page shows the errors of a sign-in too.
  pages: { signIn: '/', error: '/' },
  providers: [
    {
      id: 'dojang',
      name: 'Dojang',
      type: 'oidc',
      issuer: settings().issuer,
      clientId: settings().clientId,
      clientSecret: settings().clientSecret,
      checks: ['pkce', 'state'],
      authorization: { params: { scope } },
    },
  ],
  callbacks: {
    // Only refresh.ts refreshes. A server component cannot set cookies, so it would lose the new tokens.
    jwt: ({ token, account }) =>
      account
        ? {
            name: token.name,
            email: token.email,
            accessToken: account.access_token,
            refreshToken: account.refresh_token,
            idToken: account.id_token,
            expiresAt: account.expires_at,
          }
        : token,
  },
}))
