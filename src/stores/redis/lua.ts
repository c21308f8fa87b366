// Loads the Lua scripts that lie beside the ports, and runs them. One script is one state change.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisConnection } from './connection.ts'

/** Every key that a script touches is among `keys`, and they share a hash tag: Redis Cluster keeps them together. */
export type LuaScript<Answer> = (
  keys: readonly string[],
  values: readonly (string | number)[],
) => Promise<Answer>

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

/** @param name of the file, without `.lua`; its header says what goes in and what comes out */
export const luaScript = <Answer>(connection: RedisConnection, name: string): LuaScript<Answer> => {
  const source = readFileSync(new URL(`${name}.lua`, import.meta.url), 'utf8')
  const digest = createHash('sha1').update(source).digest('hex')
  return (keys, values) =>
    connection.run(async (redis) => {
      try {
        return (await redis.evalsha(digest, keys.length, ...keys, ...values)) as Answer
      } catch (error) {
        // A server that has not seen it yet, or was restarted, has done nothing: the whole text is sent once.
        if (!isUnknownScript(error)) throw error
        return (await redis.eval(source, keys.length, ...keys, ...values)) as Answer
      }
    })
}
