// How a provider can go wrong on the wire: one fault per endpoint, until the test takes it away.

export type Fault =
  | 'status_500'
  /** The connection breaks before anything is done. */
  | 'reset'
  /** The connection breaks after everything is done: the code is spent, nobody hears of it. */
  | 'reset_after_commit'
  | 'too_many_requests'
  /** An HTML page under the name of JSON. */
  | 'not_json'
  /** The right answer, called text/html. */
  | 'wrong_content_type'
  /** JSON of four megabytes. */
  | 'oversize'
  /** 307 to where the right answer is: only who follows it gets in. */
  | 'redirect'
  /** Nothing, until the caller gives up. */
  | 'hang'
  | { delayMs: number }

/** Every fault after which nobody may be signed in. */
export const faults = [
  'status_500',
  'reset',
  'reset_after_commit',
  'too_many_requests',
  'not_json',
  'oversize',
  'redirect',
  'hang',
] as const satisfies readonly Fault[]

export interface Reply {
  status: number
  headers: Record<string, string>
  body: string
}

export const json = (status: number, value: unknown, headers: Record<string, string> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json;charset=UTF-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(value),
})

/** What becomes of an answer under a fault that concerns its text. */
export const spoilt = (reply: Reply, fault: Fault | undefined, tooManyRequests: Reply): Reply => {
  if (fault === 'status_500') return { ...json(500, { error: 'server_error' }) }
  if (fault === 'too_many_requests') return tooManyRequests
  if (fault === 'not_json') return { ...reply, body: '<!doctype html><title>점검 중</title>' }
  if (fault === 'wrong_content_type')
    return { ...reply, headers: { ...reply.headers, 'content-type': 'text/html' } }
  if (fault === 'oversize')
    return { ...reply, body: `${reply.body.slice(0, -1)},"padding":"${'x'.repeat(4_194_304)}"}` }
  return reply
}
