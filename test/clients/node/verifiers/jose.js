import { createRemoteJWKSet, jwtVerify } from 'jose'

const { ISSUER_URL, AUDIENCE } = process.env
const keys = createRemoteJWKSet(new URL(`${ISSUER_URL}/.well-known/jwks.json`))

/** Returns the claims of an access token. Throws if the token is not valid here. */
export const verify = async (token) => {
  const { payload } = await jwtVerify(token, keys, {
    issuer: ISSUER_URL,
    audience: AUDIENCE,
    typ: 'at+jwt',
    algorithms: ['RS256'],
    requiredClaims: ['exp', 'sub'],
  })
  return payload
}
