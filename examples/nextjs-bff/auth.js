// Signs users in at Dojang with Auth.js. Tokens are only in the session cookie, encrypted and HttpOnly.
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
      id: 'dojang',
      name: 'Dojang',
      type: 'oidc',
      issuer,
      clientId: client.id,
      clientSecret: client.secret,
      checks: ['pkce', 'state'],
      authorization: { params: { scope: 'openid profile email offline_access' } },
    },
  ],
  callbacks: {
    // Only bff.js refreshes. A server component cannot set cookies, so it would lose the new tokens.
    jwt: ({ token, account }) =>
      account
        ? {
            sub: token.sub,
            name: token.name,
            email: token.email,
            accessToken: account.access_token,
            refreshToken: account.refresh_token,
            idToken: account.id_token,
            expiresAt: account.expires_at,
          }
        : token,
    // Any script of the page can read this at /api/auth/session, so it contains no token.
    session: ({ session, token }) => ({
      expires: session.expires,
      user: { name: token.name, email: token.email },
    }),
  },
})
