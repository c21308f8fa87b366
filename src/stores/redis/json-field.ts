// A JSON value in a field of a Redis hash. One type covers writing and reading, so that both sides agree.

export interface JsonField<Value> {
  write(value: Value): string
  /** Does not check the value, because only Dojang writes its keys. */
  read(text: string): Value
}

export const createJsonField = <Value>(): JsonField<Value> => ({
  write: (value) => JSON.stringify(value),
  read: (text) => JSON.parse(text) as Value,
})
