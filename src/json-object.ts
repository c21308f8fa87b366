// JSON from outside: is a parsed value an object?

export type JsonObject = Readonly<Record<string, unknown>>

/** False for null and for arrays. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
