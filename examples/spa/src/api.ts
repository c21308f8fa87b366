// Calls the service behind VITE_API_URL with the access token of the session.
import { useCallback, useEffect, useState } from 'react'
import { accessToken, SignedOut } from './session/session.ts'
import { settingsFrom } from './settings.ts'

const { apiUrl } = settingsFrom(import.meta.env)

export type Problem = 'forbidden' | 'unavailable'

export type Answer<Data> = { data?: Data; problem?: Problem; loading: boolean }

const send = (path: string, token: string, signal: AbortSignal): Promise<Response> =>
  fetch(`${apiUrl}${path}`, { headers: { authorization: `Bearer ${token}` }, cache: 'no-store', signal })

/** Retries once after a 401, because the token may be revoked while the session still exists. */
const get = async (path: string, signal: AbortSignal): Promise<Response> => {
  const token = await accessToken()
  const response = await send(path, token, signal)
  return response.status === 401 ? send(path, await accessToken(token), signal) : response
}

const load = async <Data>(path: string, signal: AbortSignal): Promise<Answer<Data>> => {
  try {
    const response = await get(path, signal)
    if (response.ok) return { data: (await response.json()) as Data, loading: false }
    return { problem: response.status === 403 ? 'forbidden' : 'unavailable', loading: false }
  } catch (error) {
    // The page shows the sign-in button as soon as the session ends, so this answer is never seen.
    if (error instanceof SignedOut) return { loading: true }
    return { problem: 'unavailable', loading: false }
  }
}

/** The answer to a GET. Asks again when the user comes back to the tab, and when `reload` is called. */
export const useApi = <Data>(path: string): Answer<Data> & { reload: () => void } => {
  const [answer, setAnswer] = useState<Answer<Data>>({ loading: true })
  const [round, setRound] = useState(0)
  const reload = useCallback(() => setRound((last) => last + 1), [])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a new request.
  useEffect(() => {
    const controller = new AbortController()
    setAnswer(({ data }) => ({ ...(data !== undefined && { data }), loading: true }))
    load<Data>(path, controller.signal).then((next) => {
      if (!controller.signal.aborted) setAnswer(next)
    })
    return () => controller.abort()
  }, [path, round])

  useEffect(() => {
    const reloadIfVisible = () => {
      if (document.visibilityState === 'visible') reload()
    }
    document.addEventListener('visibilitychange', reloadIfVisible)
    return () => document.removeEventListener('visibilitychange', reloadIfVisible)
  }, [reload])

  return { ...answer, reload }
}
