// A type check for JSON that comes from outside.

export type JsonObject = Readonly<Record<string, unknown>>

/** False for null and for arrays. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
