// express-openid-connect, as its documentation shows for an application that needs a token.
import express from 'express'
import { auth } from 'express-openid-connect'

const { ISSUER_URL, CLIENT_ID, CLIENT_SECRET, BASE_URL } = process.env
const path = '/clients/express-openid-connect'

export const app = express()
app.use(
  auth({
    authRequired: false,
    issuerBaseURL: ISSUER_URL,
    baseURL: `${BASE_URL}${path}`,
    clientID: CLIENT_ID,
    clientSecret: CLIENT_SECRET,
    secret: 'only for this test, with enough characters',
    authorizationParams: { response_type: 'code', scope: 'openid profile email offline_access' },
  }),
)
app.get('/', ({ oidc }, response) =>
  response.json({
    sub: oidc.user.sub,
    id_token: oidc.idToken,
    access_token: oidc.accessToken.access_token,
    refresh_token: oidc.refreshToken,
  }),
)
app.get('/refresh', async ({ oidc }, response) => {
  const { access_token } = await oidc.accessToken.refresh()
  response.json({ access_token, refresh_token: oidc.refreshToken })
})
