import { type InputMembers, type InputOf, type InputValues, readInput } from './input.ts'

/**
 * One thing that an admin does. Its answer is JSON, and its only secret is one that it has just created.
 * @throws {AdminError} with the reason, if the operation was not done
 * @throws {Unavailable} if a store is down or the hash queue is full
 */
export type Operation<Members extends InputMembers, Answer> = (
  ...input: Partial<InputOf<Members>> extends InputOf<Members>
    ? [input?: InputOf<Members>]
    : [input: InputOf<Members>]
) => Promise<Answer>

/** An operation that checks its input first, because the input may come from outside this process. */
export const operation =
  <Members extends InputMembers, Answer>(
    members: Members,
    perform: (input: InputValues<Members>) => Promise<Answer>,
  ): Operation<Members, Answer> =>
  async (...[input]) =>
    perform(readInput(input, members))
