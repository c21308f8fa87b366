// dojang users update: changes the record of a user.
import type { Command } from 'commander'
import { CliError } from './cli-error.ts'
import { type Cli, verb } from './command.ts'
import { clearOption, repeated, userArgument, yesOrNo } from './options.ts'
import { fields } from './output.ts'

/** Reads `name=value`. The value is JSON if it can be parsed, else text. */
export const readClaim = (text: string, option: string): [string, unknown] => {
  const [name, ...rest] = text.split('=')
  const value = rest.join('=')
  if (name === undefined || name === '' || rest.length === 0)
    throw new CliError(`${option} needs name=value, but got ${JSON.stringify(text)}.`)
  try {
    return [name, JSON.parse(value)]
  } catch {
    return [name, value]
  }
}

interface UpdateOptions {
  email?: string
  emailVerified?: boolean
  username?: string
  name?: string
  locale?: string
  claim?: string[]
  clear?: string[]
}

export const usersUpdateCommand = (noun: Command, cli: Cli): void => {
  const command = userArgument(verb(noun, 'update', 'change a user, who stays signed in'))
    .option('--email <address>', 'new e-mail address; it is not verified unless you say so')
    .option('--email-verified <yes|no>', 'whether the e-mail address is known to belong to the user', yesOrNo)
    .option('--username <name>', 'new username')
    .option('--name <name>', 'new display name')
    .option('--locale <tag>', 'language of the user, for example ko or en-US')
    .option('--claim <name=value>', 'set a claim; the value is JSON, else text; repeatable', repeated)
  clearOption(command, 'email, username, name or locale').action(
    async (user: string, { email, emailVerified, username, name, locale, claim, clear }: UpdateOptions) => {
      const claims = claim && Object.fromEntries(claim.map((text) => readClaim(text, '--claim')))
      const change = { email, emailVerified, username, name, locale, claims, clear }
      const view = await cli.call('users.update', { user, ...change })
      cli.show(view, fields(view))
    },
  )
}
