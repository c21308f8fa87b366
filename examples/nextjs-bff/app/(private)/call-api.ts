/** The answer of the API. `json` is undefined if the answer has no JSON. */
export interface Answer<T> {
  status: number
  ok: boolean
  json: T | undefined
}

/**
 * Calls the API through this site, with the cookie of the session. The paths are in `server/routes.ts`.
 * Shows the start page if the user is signed out. A network error has the status 0.
 */
export const callApi = async <T>(method: string, path: string, body?: object | File): Promise<Answer<T>> => {
  const isJson = body !== undefined && !(body instanceof File)
  try {
    const response = await fetch(`/api${path}`, {
      method,
      ...(body && { body: isJson ? JSON.stringify(body) : (body as File) }),
      ...(isJson && { headers: { 'content-type': 'application/json' } }),
    })
    const text = await response.text()
    const isJsonAnswer = response.headers.get('content-type')?.startsWith('application/json') === true
    // FastAPI also names JSON as the type of a 204, which has no body.
    const json = isJsonAnswer && text !== '' ? (JSON.parse(text) as T & { code?: string }) : undefined
    // A new page load and not a navigation: it also forgets everything that React still shows.
    if (response.status === 401 && json?.code === 'signed_out') window.location.replace('/?ended')
    return { status: response.status, ok: response.ok, json }
  } catch {
    return { status: 0, ok: false, json: undefined }
  }
}
