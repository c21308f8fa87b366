// Describes the documents that every service may read: metadata, public keys and the revocation feed.
import { answer, get, query, ref, text, unavailable } from './parts.ts'

const verifierHeader = {
  name: 'Dojang-Verifier',
  in: 'header',
  schema: { type: 'string', pattern: '^[\\w.-]{1,64}$' },
  description:
    'The name of the service. The activation of a new key can wait until this service has the key.',
}

export const discoveryPaths = {
  '/.well-known/openid-configuration': get('Discovery', 'Metadata (OIDC Discovery)', {
    200: answer('Metadata'),
  }),
  '/.well-known/oauth-authorization-server': get('Discovery', 'Metadata (RFC 8414)', {
    200: answer('The same document as at /.well-known/openid-configuration'),
  }),
  '/.well-known/jwks.json': get(
    'Discovery',
    'Public keys (RFC 7517)',
    {
      200: answer('All keys that sign, will sign, or signed tokens that are still valid.', ref('Jwks')),
      304: answer('Unchanged since the ETag of the request.'),
    },
    { parameters: [verifierHeader] },
  ),
  '/.well-known/revocations': get(
    'Discovery',
    'Revocation feed: signed, for services that verify tokens offline',
    {
      200: {
        description: 'A JWT of typ revocations+jwt: all entries, or the changes since the cursor.',
        content: { 'application/revocations+jwt': { schema: text } },
      },
      304: answer('Unchanged since the ETag of the request.'),
      503: unavailable,
    },
    { parameters: [query('since', 'The cursor of the document that the service read last.')] },
  ),
}
