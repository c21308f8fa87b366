// The providers that are configured, in the order of their buttons.
import type { FastifyRequest } from 'fastify'
import { ProblemError } from '../../http/problem.ts'
import type { UpstreamProvider } from './provider.ts'

/** The provider that the route's address names. */
export type FindProvider = (request: FastifyRequest) => UpstreamProvider

/** @throws {ProblemError} 404 for one that is not configured */
export const createFindProvider =
  (providers: readonly UpstreamProvider[]): FindProvider =>
  (request) => {
    const { provider: id } = request.params as { provider?: string }
    const provider = providers.find((one) => one.id === id)
    if (provider === undefined)
      throw new ProblemError({ status: 404, code: 'not_found', detail: 'There is no such provider.' })
    return provider
  }
