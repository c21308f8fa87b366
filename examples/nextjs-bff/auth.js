// Signing in at Dojang with Auth.js. Tokens lie in the session cookie only, which is encrypted and HttpOnly: the `session`
// callback, whose result any script may read at /api/auth/session, tells no more than who it is.
import NextAuth from 'next-auth'

export const issuer = process.env.ISSUER ?? 'http://localhost:4000'
export const client = {
  id: process.env.DOJANG_CLIENT_ID ?? 'web',
  secret: process.env.DOJANG_CLIENT_SECRET ?? '',
}

export const { handlers, auth, signIn } = NextAuth({
  trustHost: true,
  session: { strategy: 'jwt', maxAge: 30 * 86_400 },
  providers: [
    {
      ...{ id: 'dojang', name: 'Dojang', type: 'oidc', issuer },
      ...{ clientId: client.id, clientSecret: client.secret, checks: ['pkce', 'state'] },
      authorization: { params: { scope: 'openid profile email offline_access' } },
    },
  ],
  callbacks: {
    // Refreshing is bff.js's: a server component that refreshed here could not store what it got.
    jwt: ({ token, account }) =>
      account
        ? {
            ...{ sub: token.sub, name: token.name, email: token.email },
            ...{ access: account.access_token, refresh: account.refresh_token, idToken: account.id_token },
            expiresAt: account.expires_at,
          }
        : token,
    session: ({ session, token }) => ({
      expires: session.expires,
      user: { name: token.name, email: token.email },
    }),
  },
})
