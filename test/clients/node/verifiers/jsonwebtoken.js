import jwt from 'jsonwebtoken'
import jwksRsa from 'jwks-rsa'

const { ISSUER_URL, AUDIENCE } = process.env
const keys = jwksRsa({
  jwksUri: `${ISSUER_URL}/.well-known/jwks.json`,
  jwksRequestsPerMinute: 10,
  rateLimit: true,
})

/** Returns the claims of an access token. Throws if the token is not valid here. */
export const verify = async (token) => {
  const { header } = jwt.decode(token, { complete: true }) ?? {}
  if (header?.typ !== 'at+jwt') throw new Error('not an access token')
  const key = await keys.getSigningKey(header.kid)
  return jwt.verify(token, key.getPublicKey(), {
    algorithms: ['RS256'],
    issuer: ISSUER_URL,
    audience: AUDIENCE,
  })
}
