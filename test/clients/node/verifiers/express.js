import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'

export const app = express()
app.use(
  auth({
    issuerBaseURL: process.env.ISSUER_URL,
    audience: process.env.AUDIENCE,
    tokenSigningAlg: 'RS256',
    strict: true,
  }),
)
app.get('/', (request, response) => response.json({ sub: request.auth.payload.sub }))
