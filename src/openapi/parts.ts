// The building blocks of the OpenAPI document: operations, answers, request bodies, schemas.

export type Json = Readonly<Record<string, unknown>>

export const text = { type: 'string' }
export const nullableText = { type: ['string', 'null'] }

export const object = (properties: Json, required: readonly string[] = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
})

export const form = (properties: Json, required: readonly string[] = []) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema: object(properties, required) } },
})

export const json = (properties: Json, required: readonly string[] = []) => ({
  required: true,
  content: { 'application/json': { schema: object(properties, required) } },
})

/** For the routes that read JSON and forms alike. */
export const jsonOrForm = (properties: Json, required: readonly string[] = []) => ({
  required: required.length > 0,
  content: { ...json(properties, required).content, ...form(properties, required).content },
})

/** Refers to a schema of schemas.ts. */
export const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })

export const answer = (description: string, schema?: Json) => ({
  description,
  ...(schema && { content: { 'application/json': { schema } } }),
})

export const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: ref('Problem') } },
})

export const page = answer('A page in Korean or English.')
export const redirect = answer('A redirect to the next page or back to the client.')
export const oauthError = answer('RFC 6749 §5.2', ref('OAuthError'))
export const unavailable = answer('A store is down. Nothing is lost. Try again after Retry-After.')

export const query = (name: string, description: string, required = false) => ({
  name,
  in: 'query',
  description,
  required,
  schema: text,
})

export const bearer = [{ bearer: [] }]

export const get = (tag: string, summary: string, responses: Json, more: Json = {}) => ({
  get: { tags: [tag], summary, responses, ...more },
})

export const post = (tag: string, summary: string, responses: Json, more: Json = {}) => ({
  post: { tags: [tag], summary, responses, ...more },
})

export const patch = (tag: string, summary: string, responses: Json, more: Json = {}) => ({
  patch: { tags: [tag], summary, responses, ...more },
})
