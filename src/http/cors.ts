// CORS: which browser origins may read an answer. Every origin may read keys and metadata. Only origins that
// a client registered may read answers of the token routes.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, Clients } from '../clients/client.ts'

export type AllowOrigin = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** An onRequest hook. It never allows the origin `null` or credentials (OAuth 2.1 §3.2). */
export const allowRegisteredOrigins =
  (clients: Clients): AllowOrigin =>
  async (request, reply) => {
    reply.header('vary', 'Origin')
    const origin = request.headers.origin
    if (origin === undefined || origin === 'null') return
    if ((await clients.findByOrigin(origin)).length > 0) reply.header('access-control-allow-origin', origin)
  }

/** Lets only pages of this client read the answer, not pages of other clients. */
export const allowOnlyPagesOf = (
  { origins }: Pick<Client, 'origins'>,
  request: FastifyRequest,
  reply: FastifyReply,
): void => {
  const { origin } = request.headers
  if (origin !== undefined && !origins.includes(origin)) reply.removeHeader('access-control-allow-origin')
}

export const allowAnyOrigin: AllowOrigin = async (_request, reply) => {
  reply.header('access-control-allow-origin', '*')
}

/** Answers a preflight request. The hook above has already checked the origin. */
export const preflight =
  (methods: string) =>
  async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (reply.getHeader('access-control-allow-origin') !== undefined)
      reply
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', 'authorization, content-type, x-requested-with')
        .header('access-control-max-age', '600')
    return reply.code(204).send()
  }
