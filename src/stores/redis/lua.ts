// Loads and runs the Lua scripts in this folder. One script is one atomic change of state.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RedisConnection } from './connection.ts'

/** `keys` lists every key of the script. The keys share a hash tag, so one node of a cluster has them all. */
export type LuaScript<Answer> = (
  keys: readonly string[],
  values: readonly (string | number)[],
) => Promise<Answer>

const isUnknownScript = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('NOSCRIPT')

/** @param name the file name without `.lua`; the header of the file describes KEYS, ARGV and answers */
export const luaScript = <Answer>(connection: RedisConnection, name: string): LuaScript<Answer> => {
  const source = readFileSync(new URL(`${name}.lua`, import.meta.url), 'utf8')
  const digest = createHash('sha1').update(source).digest('hex')
  return (keys, values) =>
    connection.run(async (redis) => {
      try {
        return (await redis.evalsha(digest, keys.length, ...keys, ...values)) as Answer
      } catch (error) {
        // Redis forgets scripts when it restarts. After NOSCRIPT a retry is safe, because nothing ran.
        if (!isUnknownScript(error)) throw error
        return (await redis.eval(source, keys.length, ...keys, ...values)) as Answer
      }
    })
}
