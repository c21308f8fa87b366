// The requests of a frontend, in the tests of the guides.

/** The members of a sign-in that the tests read. */
export interface Tokens {
  access: string
  refresh: string
  access_token: string
  refresh_token: string
}

export const post = async (
  url: string,
  body: object | URLSearchParams,
  headers: Record<string, string> = {},
) => {
  const isForm = body instanceof URLSearchParams
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...(!isForm && { 'content-type': 'application/json' }), ...headers },
    body: isForm ? body : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, json: (text === '' ? {} : JSON.parse(text)) as Tokens }
}

export const get = async (url: string, token: string, method = 'GET') => {
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  return { status: response.status, json: text === '' ? {} : JSON.parse(text) }
}
