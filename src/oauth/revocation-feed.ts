// GET /.well-known/revocations: the revocation feed, whole or since a cursor (docs/revocation-feed.md).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { sendCacheable } from '../http/cacheable.ts'
import { queryFields, single } from '../http/form.ts'
import type { RevocationFeed } from '../revocation/feed.ts'

export const createRevocationFeedEndpoint =
  ({ revocationFeed }: { revocationFeed: RevocationFeed }) =>
  async (request: FastifyRequest, reply: FastifyReply) => {
    const document = await revocationFeed.document(single(queryFields(request), 'since'))
    return sendCacheable(request, reply, {
      ...document,
      contentType: 'application/revocations+jwt',
      maxAgeSeconds: 1,
    })
  }
