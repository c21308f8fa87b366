// dojang keys: the life of the signing keys.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { KeyAnswer } from '../admin/key-change.ts'
import type { KeyView } from '../admin/key-view.ts'
import { CliError } from './cli-error.ts'
import { type Cli, listVerb, verb } from './command.ts'
import { whole } from './options.ts'
import { table } from './output.ts'

const age = (seconds: number): string =>
  seconds < 7200
    ? `${Math.floor(seconds / 60)} min`
    : seconds < 172_800
      ? `${Math.floor(seconds / 3600)} h`
      : `${Math.floor(seconds / 86_400)} days`

const schedule = (keys: readonly KeyView[]): string =>
  table(
    keys.map((key) => ({ ...key, age: age(key.age_seconds) })),
    'There are no signing keys.',
    {
      kid: 'KID',
      state: 'STATE',
      bits: 'BITS',
      age: 'AGE',
      published_at: 'PUBLISHED',
      activates_at: 'SIGNS FROM',
      retires_at: 'SIGNS UNTIL',
      removed_at: 'REMOVED',
      revoked_at: 'REVOKED',
    },
  )

const tell = (cli: Cli, answer: KeyAnswer, sentence: string): void => {
  cli.show(answer, `${sentence}\n\n${schedule(answer.keys)}`)
  if (answer.warning !== undefined) cli.remark(`Done, but: ${answer.warning}`)
}

const stateOf = ({ kid, keys }: KeyAnswer) => keys.find((key) => key.kid === kid)

const readPem = async (file: string): Promise<string> => {
  try {
    // Not by /dev/stdin, which cannot be opened where it is a socket.
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CliError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}).`,
    )
  }
}

interface ScheduleOptions {
  in?: number
  force?: true
}

const rotate = (noun: Command, cli: Cli) =>
  verb(noun, 'rotate', 'publish a new key now and let it sign from tomorrow')
    .option('--in <seconds>', 'when it begins to sign; at least 3900, 86400 unless given', whole)
    .option('--force', 'allow less; verifiers that have not seen the key refuse its tokens')
    .option('--dry-run', 'show the schedule and change nothing')
    .action(async ({ in: inSeconds, force, dryRun }: ScheduleOptions & { dryRun?: true }) => {
      const answer = await cli.call('keys.rotate', { inSeconds, force, dryRun })
      const from = stateOf(answer)?.activates_at ?? 'now'
      const sentence = answer.changed
        ? `${answer.kid} is published and signs from ${from}.`
        : answer.dry_run
          ? `A new key would sign from ${from}; nothing was changed.`
          : `A rotation is under way: ${answer.kid} signs from ${from}. Nothing was changed.`
      tell(cli, answer, sentence)
    })

const activate = (noun: Command, cli: Cli) =>
  verb(noun, 'activate', 'let a published key sign; the one that signs retires')
    .argument('<kid>')
    .option('--in <seconds>', 'when; now unless given', whole)
    .option('--force', 'although verifiers may not have seen it for 65 minutes')
    .action(async (kid: string, { in: inSeconds, force }: ScheduleOptions) => {
      const answer = await cli.call('keys.activate', { kid, inSeconds, force })
      const state = stateOf(answer)
      const sentence =
        state?.state === 'active' ? `${kid} signs.` : `${kid} signs from ${state?.activates_at}.`
      tell(cli, answer, answer.changed ? sentence : `${sentence} It was so already.`)
    })

const revoke = (noun: Command, cli: Cli) =>
  verb(noun, 'revoke', 'emergency: a key signs and verifies no more, at once')
    .argument('<kid>')
    .option('--force', 'although the key-encryption key here does not open it: that key is lost')
    .action(async (kid: string, { force }: { force?: true }) => {
      const answer = await cli.call('keys.revoke', { kid, force })
      const sentence = `${kid} is revoked; ${answer.signing} signs.`
      tell(cli, answer, sentence)
      // Some verifiers keep keys for ever, whatever the key set says (checklist D11).
      cli.remark(
        'Verifiers that cache keys without end accept it until they are restarted; others within the hour.\n' +
          'Run "dojang keys generate" to have a standby for the next time.',
      )
    })

export const keysCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('keys').description('signing keys: rotation, emergency, import and export')
  verb(noun, 'list', 'list the keys with their times').action(async () => {
    const keys = await cli.call('keys.list')
    cli.show(keys, schedule(keys))
  })
  verb(noun, 'generate', 'publish a standby key that does not sign yet').action(async () => {
    const answer = await cli.call('keys.generate')
    tell(cli, answer, `${answer.kid} is published as a standby.`)
  })
  listVerb(noun, cli, {
    usage: 'verifiers',
    description: 'list the services that fetch the keys under a name',
    rows: () => cli.call('keys.verifiers'),
    headings: { name: 'NAME', seen_at: 'LAST FETCHED', missing: 'HAS NOT SEEN' },
    none: 'No service has said its name within the last day.',
  })
  activate(noun, cli)
  rotate(noun, cli)
  revoke(noun, cli)
  verb(noun, 'import', 'take in a private RSA key that another system signs with')
    .argument('<file>', 'PEM, PKCS#8 or PKCS#1, without passphrase; - for stdin')
    .action(async (file: string) => {
      const answer = await cli.call('keys.import', { pem: await readPem(file) })
      const next = `"dojang keys activate ${answer.kid}" lets it sign; with --force now, if verifiers know it already.`
      const sentence = answer.changed
        ? `${answer.kid} is imported and published.`
        : `${answer.kid} was here already.`
      tell(cli, answer, stateOf(answer)?.state === 'pending' ? `${sentence} ${next}` : sentence)
    })
  verb(noun, 'export', 'print the public key that signs, as JWK')
    .option('--pem', 'as PEM, for services that need a file')
    .option('--kid <kid>', 'another key')
    .action(async ({ kid, pem }: { kid?: string; pem?: true }) => {
      const key = await cli.call('keys.export', { kid, pem })
      cli.show(key, 'pem' in key ? key.pem.trimEnd() : JSON.stringify(key, undefined, 2))
    })
}
