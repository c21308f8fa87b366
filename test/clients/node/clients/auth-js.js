// Auth.js for Express, with the refresh of its guide "Refresh token rotation".
import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

const { ISSUER_URL, CLIENT_ID, CLIENT_SECRET } = process.env

const config = {
  trustHost: true,
  secret: 'only for this test, with enough characters',
  providers: [
    {
      id: 'dojang',
      name: 'Dojang',
      type: 'oidc',
      issuer: ISSUER_URL,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      authorization: { params: { scope: 'openid profile email offline_access' } },
    },
  ],
  callbacks: {
    jwt: async ({ token, account }) => {
      if (account) return { ...token, ...account, sub: account.providerAccountId }
      if (!refreshNow) return token
      refreshNow = false
      const response = await fetch(`${ISSUER_URL}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          client_id: CLIENT_ID,
          client_secret: CLIENT_SECRET,
          grant_type: 'refresh_token',
          refresh_token: token.refresh_token,
        }),
      })
      const tokens = await response.json()
      if (!response.ok) throw tokens
      return { ...token, ...tokens }
    },
    session: ({ token }) => token,
  },
}
let refreshNow = false

export const app = express()
app.set('trust proxy', true)
app.use('/auth', ExpressAuth(config))
app.get('/me', async (request, response) => response.json(await getSession(request, config)))
// Only the library's own route stores the new refresh token in the cookie. `getSession` would lose it.
app.get('/refresh', (_request, response) => {
  refreshNow = true
  response.redirect('/clients/auth-js/auth/session')
})
