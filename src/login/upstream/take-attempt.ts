// Finds the sign-in attempt of a callback in the browser's cookie. An attempt is bound to its browser and its
// provider (RFC 9700 §4.7.1).
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Fields, single } from '../../http/form.ts'
import type { UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import { attemptCookie, dropAttempt } from './attempt-cookie.ts'
import type { UpstreamProvider } from './provider.ts'

export type TakenAttempt =
  | { outcome: 'taken'; attempt: UpstreamAttempt; state: string }
  | { outcome: 'refused'; reason: string }

export type TakeAttempt = (
  request: FastifyRequest,
  reply: FastifyReply,
  provider: UpstreamProvider,
  fields: Fields,
) => TakenAttempt

const refused = (reason: string): TakenAttempt => ({ outcome: 'refused', reason })

export const createTakeAttempt =
  (upstreamAttempts: UpstreamAttempts): TakeAttempt =>
  (request, reply, provider, fields) => {
    const state = single(fields, 'state')
    if (state === undefined) return refused('no state')
    const sealed = attemptCookie(request, state)
    if (sealed === undefined) return refused('state unknown, used or of another browser')
    const opened = upstreamAttempts.open(state, sealed)
    if (opened === undefined) return refused('state forged')
    const { attempt, expired } = opened
    if (attempt.provider !== provider.id) return refused('state of another provider')
    dropAttempt(reply, state)
    return expired ? refused('state expired') : { outcome: 'taken', attempt, state }
  }
