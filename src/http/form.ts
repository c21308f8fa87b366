// Reads forms and query strings strictly. Keeps repeated fields, so that each route can reject them.

/** Each name with all its values, in their order. */
export type Fields = ReadonlyMap<string, readonly string[]>

export class MalformedInput extends Error {
  readonly statusCode = 400
}

export class UnsupportedContentType extends Error {
  readonly statusCode = 415
}

const maxFields = 60

const decode = (text: string): string => {
  if (!/[%+]/.test(text)) return text
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new MalformedInput('broken percent-encoding or UTF-8')
  }
}

/** @throws {MalformedInput} for broken encoding, NUL characters, or more than 60 fields */
export const parseForm = (text: string): Fields => {
  const fields = new Map<string, string[]>()
  if (text.includes('\0') || /%00/.test(text)) throw new MalformedInput('a NUL character')
  const pairs = text.split('&').filter((pair) => pair !== '')
  if (pairs.length > maxFields) throw new MalformedInput('too many fields')
  for (const pair of pairs) {
    const cut = pair.indexOf('=')
    const name = decode(cut < 0 ? pair : pair.slice(0, cut))
    const value = cut < 0 ? '' : decode(pair.slice(cut + 1))
    fields.set(name, [...(fields.get(name) ?? []), value])
  }
  return fields
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** @throws {MalformedInput} */
export const parseFormBody = (body: Buffer): Fields => {
  try {
    return parseForm(utf8.decode(body))
  } catch (error) {
    throw error instanceof MalformedInput ? error : new MalformedInput('broken UTF-8')
  }
}

/** @throws {MalformedInput} */
export const queryFields = (request: { raw: { url?: string | undefined } }): Fields => {
  const url = request.raw.url ?? ''
  const cut = url.indexOf('?')
  return parseForm(cut < 0 ? '' : url.slice(cut + 1))
}

/** The fields of a form body. Empty if the request has no form body. */
export const formFields = ({ body }: { body: unknown }): Fields => (body instanceof Map ? body : new Map())

/** The fields of a form for POST, and of the query string for every other method. @throws {MalformedInput} */
export const requestFields = (request: {
  method: string
  body: unknown
  raw: { url?: string | undefined }
}): Fields => (request.method === 'POST' ? formFields(request) : queryFields(request))

/** The value of a field of our own pages; undefined if it is missing, empty or repeated. */
export const single = (fields: Fields, name: string): string | undefined => {
  const values = fields.get(name)
  return values?.length === 1 ? values[0] || undefined : undefined
}
