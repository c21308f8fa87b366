// Which browser origins may read an answer: on token routes those that a client registered, on keys and metadata all.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Client, Clients } from '../clients/client.ts'

export type AllowOrigin = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/** Never `null`, never reflected unregistered, never with credentials (OAuth 2.1 §3.2). A hook: onRequest. */
export const allowRegisteredOrigins =
  (clients: Clients): AllowOrigin =>
  async (request, reply) => {
    reply.header('vary', 'Origin')
    const origin = request.headers.origin
    if (origin === undefined || origin === 'null') return
    if ((await clients.findByOrigin(origin)).length > 0) reply.header('access-control-allow-origin', origin)
  }

/** The answer is this client's: a page that another client registered may not read it. */
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

/** The answer to a preflight request; the origin was judged by the hook. */
export const preflight =
  (methods: string) =>
  async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    if (reply.getHeader('access-control-allow-origin') !== undefined)
      reply
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', 'authorization, content-type')
        .header('access-control-max-age', '600')
    return reply.code(204).send()
  }
