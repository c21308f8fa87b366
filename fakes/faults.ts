// The ways in which a fake provider can fail. A test sets one fault per endpoint and removes it again.

export type Fault =
  | 'status_500'
  /** The connection breaks before the provider does anything. */
  | 'reset'
  /** The connection breaks after the provider did its work: the code is spent, but the answer is lost. */
  | 'reset_after_commit'
  | 'too_many_requests'
  /** An HTML page with the content type of JSON. */
  | 'not_json'
  /** The right answer with the content type text/html. */
  | 'wrong_content_type'
  /** A JSON answer of four megabytes. */
  | 'oversize'
  /** A 307 redirect to the right answer. A caller that follows redirects notices nothing. */
  | 'redirect'
  /** No answer until the caller gives up. */
  | 'hang'
  | { delayMs: number }

/** The issuer must not sign a person in after any of these faults. */
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

/** Applies a fault that changes the answer itself. */
export const faultyReply = (reply: Reply, fault: Fault | undefined, tooManyRequests: Reply): Reply => {
  if (fault === 'status_500') return json(500, { error: 'server_error' })
  if (fault === 'too_many_requests') return tooManyRequests
  if (fault === 'not_json') return { ...reply, body: '<!doctype html><title>점검 중</title>' }
  if (fault === 'wrong_content_type')
    return { ...reply, headers: { ...reply.headers, 'content-type': 'text/html' } }
  if (fault === 'oversize')
    return { ...reply, body: `${reply.body.slice(0, -1)},"padding":"${'x'.repeat(4_194_304)}"}` }
  return reply
}
