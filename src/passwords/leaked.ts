// Asks a service whether a password is in a known leak. The service learns only the first five characters of
// the SHA-1 hash, which hundreds of leaked passwords share (k-anonymity).
import { createHash } from 'node:crypto'
import type { Audit, AuditEvent } from '../audit.ts'

/** The request that brought the password, for the audit event. */
export type PasswordSender = Pick<AuditEvent, 'ip' | 'requestId' | 'userId'>

/** False if no service is configured or the service gives no usable answer. It never throws. */
export type IsLeaked = (password: string, sender: PasswordSender) => Promise<boolean>

/** For the whole call. A user waits for the answer. */
export const leakedPasswordsTimeoutMs = 1000
/** Padded answers have about 2,000 lines of 40 characters. */
const maxBodyBytes = 262_144

/** The service gave no usable answer. The message is the reason in the audit event. */
class UnusableAnswer extends Error {}

const readCapped = async (response: Response): Promise<string> => {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > maxBodyBytes) throw new UnusableAnswer('answer too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('latin1')
}

/** How often each rest of a hash was leaked. A count of 0 is padding. */
const parseRange = (text: string): ReadonlyMap<string, number> => {
  const lines = text.split(/\r?\n/).filter((line) => line !== '')
  const entries = lines.map((line) => {
    const [, rest, count] = /^([0-9A-F]{35}):(\d{1,12})$/i.exec(line) ?? []
    if (rest === undefined) throw new UnusableAnswer('malformed answer')
    return [rest.toUpperCase(), Number(count)] as const
  })
  if (entries.length === 0) throw new UnusableAnswer('empty answer')
  return new Map(entries)
}

const fetchRange = async (url: string, signal: AbortSignal): Promise<ReadonlyMap<string, number>> => {
  const response = await fetch(url, {
    // With padding an observer of the connection cannot recognise the range by the size of the answer.
    headers: { 'add-padding': 'true', 'user-agent': 'dojang' },
    redirect: 'manual',
    signal,
  })
  if (response.status !== 200) {
    await response.body?.cancel()
    throw new UnusableAnswer(`status ${response.status}`)
  }
  return parseRange(await readCapped(response))
}

/**
 * Accepts the password if the service gives no usable answer, and reports this to the audit log. Neither the
 * hash nor the URL of the request appears there.
 * @param deps.url the address before `/range/`; without it no password is looked up
 */
export const createIsLeaked = ({
  url,
  audit,
  timeoutMs = leakedPasswordsTimeoutMs,
}: {
  url?: string | undefined
  audit: Audit
  timeoutMs?: number
}): IsLeaked => {
  if (url === undefined) return async () => false
  return async (password, sender) => {
    const sha1 = createHash('sha1').update(password).digest('hex').toUpperCase()
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      const range = await fetchRange(`${url}/range/${sha1.slice(0, 5)}`, signal)
      return (range.get(sha1.slice(5)) ?? 0) > 0
    } catch (error) {
      const cause = error instanceof UnusableAnswer ? error.message : 'no answer'
      const reason = signal.aborted ? 'timeout' : cause
      audit({ type: 'password.leak_check_failed', actor: 'system', ...sender, reason })
      return false
    }
  }
}
