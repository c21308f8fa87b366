// GET /docs and GET /docs/openapi.json: the description of all routes, as a page and as OpenAPI.
import { readFileSync } from 'node:fs'
import type { FastifyInstance } from 'fastify'
import { allowAnyOrigin } from '../http/cors.ts'
import { pageFrame, sendPage } from '../http/page.ts'
import { type DocumentedRoute, docsPage } from './docs-page.ts'
import { openapiDocument } from './document.ts'

const version: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version

export const mountOpenapi = (server: FastifyInstance, issuer: string) => {
  const document = openapiDocument(issuer, version)
  const routes: DocumentedRoute[] = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(
      methods as Record<string, { summary: string; tags: string[]; responses: Record<string, unknown> }>,
    ).map(([method, { summary, tags, responses }]) => ({
      path,
      summary,
      method: method.toUpperCase(),
      group: tags[0] ?? '',
      statuses: Object.keys(responses),
    })),
  )
  server.get('/docs', async (request, reply) => {
    const frame = pageFrame(request)
    return sendPage(reply, frame, docsPage({ ...frame, issuer, version, routes }))
  })
  server.get('/docs/openapi.json', { onRequest: allowAnyOrigin }, async (_request, reply) =>
    reply.header('cache-control', 'public, max-age=300').send(document),
  )
}
