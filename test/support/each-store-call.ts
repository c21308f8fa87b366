// Fails each store call of a request once. The client must get 503, and its second try must succeed.
import { expect } from 'vitest'
import type { FaultyIssuer, Reply } from './faulty-issuer.ts'
import { type Fault, faultInWords, faults } from './faulty-stores.ts'

export interface Attempt {
  /** Sends the request. It is sent twice: with the fault, and again without it. */
  act(): Promise<Reply>
  /** Expects the answer and the effect of a request that worked. */
  expectDone(reply: Reply): Promise<void>
  /** If the store call `by` took effect in the first try, the second try may get this answer instead. */
  alreadyDone?: { by: string; expectAnswer(reply: Reply): Promise<void> }
}

export interface Scenario {
  /** The form of an error: an OAuth error, problem details (RFC 9457), or an HTML page. */
  errorFormat: 'oauth' | 'problem' | 'page'
  arrange(): Promise<Attempt>
}

/** The key names the request in a test title. */
export type Scenarios = Record<string, Scenario>

/** Rows for `test.each`: each request with each fault. The first two columns are words of the title. */
export const faultsOf = (scenarios: Scenarios) =>
  Object.entries(scenarios).flatMap(([request, scenario]) =>
    faults.map((fault) => [request, faultInWords[fault], scenario, fault] as const),
  )

const expectUnavailable = (errorFormat: Scenario['errorFormat'], { status, headers, body }: Reply) => {
  expect(status, body).toBe(503)
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(headers.get('cache-control')).toBe('no-store')
  if (errorFormat === 'page') expect(headers.get('content-type')).toBe('text/html; charset=utf-8')
  if (errorFormat === 'oauth') expect(JSON.parse(body)).toMatchObject({ error: 'temporarily_unavailable' })
  if (errorFormat === 'problem') {
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
    expect(JSON.parse(body)).toMatchObject({ status: 503, code: 'temporarily_unavailable' })
  }
  // A failure of the server must not delete a valid cookie.
  const deletions = headers.getSetCookie().filter((line) => /max-age=0|expires=thu, 01 jan 1970/i.test(line))
  expect(deletions).toEqual([])
}

/** Repeats the scenario until each of its store calls has failed once. Returns the names of these calls. */
export const failEachCall = async (
  { issuer, stores }: FaultyIssuer,
  { errorFormat, arrange }: Scenario,
  fault: Fault,
): Promise<string[]> => {
  const failed: string[] = []
  for (let which = 1; which < 60; which += 1) {
    // After this time no throttle counts the attempts of the previous round.
    issuer.clock.advance(90_000)
    const attempt = await arrange()
    stores.failCall(which, fault)
    const reply = await attempt.act()
    const calls = [...stores.calls]
    const call = stores.repair()
    if (call === undefined) {
      await attempt.expectDone(reply)
      return failed
    }
    failed.push(call)
    const tookEffect = calls.slice(0, fault === 'not done' ? which - 1 : which)
    try {
      expectUnavailable(errorFormat, reply)
      const again = await attempt.act()
      const { alreadyDone } = attempt
      if (alreadyDone && tookEffect.includes(alreadyDone.by) && again.status >= 400)
        await alreadyDone.expectAnswer(again)
      else await attempt.expectDone(again)
    } catch (error) {
      const before = calls.slice(0, which - 1).join(', ')
      throw new Error(`Store call ${which} was ${call} (${fault}). The calls before it: ${before}.`, {
        cause: error,
      })
    }
  }
  throw new Error('The request made 60 store calls or more.')
}
