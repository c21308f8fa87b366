import fastifyJwt from '@fastify/jwt'
import Fastify from 'fastify'
import buildGetJwks from 'get-jwks'

const { ISSUER_URL, AUDIENCE } = process.env
const keys = buildGetJwks({ issuersWhitelist: [ISSUER_URL] })

export const app = Fastify()
app.register(fastifyJwt, {
  decode: { complete: true },
  secret: (_request, { header }) => keys.getPublicKey({ domain: ISSUER_URL, ...header }),
  verify: {
    algorithms: ['RS256'],
    allowedIss: ISSUER_URL,
    allowedAud: AUDIENCE,
    checkTyp: 'at+jwt',
    requiredClaims: ['exp', 'sub'],
  },
})
app.addHook('onRequest', (request) => request.jwtVerify())
app.get('/', (request) => ({ sub: request.user.sub }))
