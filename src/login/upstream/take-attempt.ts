// Finds the sign-in attempt of a callback and uses it up. An attempt is bound to its browser and its provider
// (RFC 9700 §4.7.1).
import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../clock.ts'
import { type Fields, single } from '../../http/form.ts'
import { hashToken } from '../../secrets.ts'
import type { UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { browserHashOf } from './browser-binding.ts'
import type { UpstreamProvider } from './provider.ts'

export type TakenAttempt =
  | { outcome: 'taken'; attempt: UpstreamAttempt }
  | { outcome: 'refused'; reason: string }

export type TakeAttempt = (
  request: FastifyRequest,
  provider: UpstreamProvider,
  fields: Fields,
) => Promise<TakenAttempt>

const refused = (reason: string): TakenAttempt => ({ outcome: 'refused', reason })

export const createTakeAttempt =
  ({ clock, upstreamAttempts }: { clock: Clock; upstreamAttempts: UpstreamAttempts }): TakeAttempt =>
  async (request, provider, fields) => {
    const state = single(fields, 'state')
    const browserHash = browserHashOf(request)
    if (state === undefined) return refused('no state')
    if (browserHash === undefined) return refused('another browser')
    const taking = await upstreamAttempts.take(hashToken(state), { browserHash, provider: provider.id })
    if (taking.outcome === 'unknown') return refused('state unknown or used')
    if (taking.outcome === 'foreign') return refused('state of another browser or provider')
    return taking.attempt.expiresAt > clock.now() ? taking : refused('state expired')
  }
