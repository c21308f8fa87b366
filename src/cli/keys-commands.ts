// dojang keys: lists, rotates, revokes, imports and exports the signing keys.
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { KeyAnswer } from '../admin/key-change.ts'
import type { KeyView } from '../admin/key-view.ts'
import { CliError } from './cli-error.ts'
import { type Cli, listVerb, verb } from './command.ts'
import { whole } from './options.ts'
import { plain, table } from './output.ts'
import type { Terminal } from './terminal.ts'

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

const showChange = (cli: Cli, answer: KeyAnswer, sentence: string): void => {
  cli.show(answer, `${sentence}\n\n${schedule(answer.keys)}`)
  if (answer.warning !== undefined) cli.remark(`Warning: ${answer.warning}`)
}

const changedKey = ({ kid, keys }: KeyAnswer): KeyView | undefined => keys.find((key) => key.kid === kid)

/** Says that the key signs now, or when it starts to sign. */
const signing = (answer: KeyAnswer): string => {
  const key = changedKey(answer)
  return key?.state === 'active' || !key?.activates_at
    ? 'signs now'
    : `starts to sign at ${plain(key.activates_at)}`
}

const readPem = async (file: string, { stdin }: Terminal): Promise<string> => {
  try {
    // Does not open /dev/stdin, because this fails if stdin is a socket.
    return file === '-' ? await text(stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CliError(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'}). Check its path and permissions.`,
    )
  }
}

interface ScheduleOptions {
  in?: number
  force?: true
}

const rotate = (noun: Command, cli: Cli) =>
  verb(noun, 'rotate', 'publish a new key now, which starts to sign after a day')
    .option('--in <seconds>', 'time until it starts to sign: 86400 by default, at least 3900', whole)
    .option('--force', 'allow less than 3900; services that do not know the key yet reject its tokens')
    .option('--dry-run', 'show the schedule without changing anything')
    .action(async ({ in: inSeconds, force, dryRun }: ScheduleOptions & { dryRun?: true }) => {
      const answer = await cli.call('keys.rotate', { inSeconds, force, dryRun })
      const sentence = answer.changed
        ? `${answer.kid} is published and ${signing(answer)}.`
        : answer.dry_run
          ? `This is the plan: a new key is published and ${signing(answer)}. Nothing was changed.`
          : `A rotation is already in progress: ${answer.kid} ${signing(answer)}. Nothing was changed.`
      showChange(cli, answer, sentence)
    })

const activate = (noun: Command, cli: Cli) =>
  verb(noun, 'activate', 'let a published key sign; the active key retires')
    .argument('<kid>')
    .option('--in <seconds>', 'time until it starts to sign: 0 by default', whole)
    .option('--force', 'sign even if some services do not know the key yet and would reject its tokens')
    .action(async (kid: string, { in: inSeconds, force }: ScheduleOptions) => {
      const answer = await cli.call('keys.activate', { kid, inSeconds, force })
      const sentence = `${kid} ${signing(answer)}.`
      showChange(cli, answer, answer.changed ? sentence : `${sentence} Nothing was changed.`)
    })

const revoke = (noun: Command, cli: Cli) =>
  verb(noun, 'revoke', 'emergency: a key stops signing and verifying at once')
    .argument('<kid>')
    .option('--force', 'revoke even if the key cannot be decrypted, because its key-encryption key is lost')
    .action(async (kid: string, { force }: { force?: true }) => {
      const answer = await cli.call('keys.revoke', { kid, force })
      showChange(cli, answer, `${kid} is revoked. ${answer.signing ?? 'No key'} signs now.`)
      // Some verifiers keep a key permanently, even if it leaves the key set (D11 in docs/security.md).
      const remark =
        'Restart every service that caches keys permanently: it accepts this key until it is restarted.\n' +
        'Other services stop accepting it within an hour.'
      const hasStandby = answer.keys.some(({ state }) => state === 'pending')
      const next = '\nRun "dojang keys generate" to have a standby key for the next emergency.'
      cli.remark(hasStandby ? remark : remark + next)
    })

export const keysCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('keys').description('signing keys: rotation, emergency, import and export')
  verb(noun, 'list', 'list the keys with their times').action(async () => {
    const keys = await cli.call('keys.list')
    cli.show(keys, schedule(keys))
  })
  verb(noun, 'generate', 'publish a standby key, which does not sign yet')
    .option('--bits <number>', 'size of the RSA key: 2048 by default, 3072 or 4096', whole)
    .action(async ({ bits }: { bits?: number }) => {
      const answer = await cli.call('keys.generate', { bits })
      const isActive = changedKey(answer)?.state === 'active'
      const sentence = `${answer.kid} is published ${isActive ? 'and signs now' : 'as a standby key'}.`
      showChange(cli, answer, sentence)
    })
  listVerb(noun, cli, {
    usage: 'verifiers',
    description: 'list the services that give their name when they fetch the keys',
    rows: () => cli.call('keys.verifiers'),
    headings: { name: 'SERVICE', seen_at: 'LAST FETCH', missing: 'KEYS NOT FETCHED' },
    none: 'No service gave its name in the last 24 hours.',
  })
  activate(noun, cli)
  rotate(noun, cli)
  revoke(noun, cli)
  verb(noun, 'import', 'import a private RSA key that another system signs with')
    .argument('<file>', 'PEM file (PKCS#8 or PKCS#1) without a passphrase; - for stdin')
    .action(async (file: string) => {
      const answer = await cli.call('keys.import', { pem: await readPem(file, cli.terminal) })
      const next = `To sign with it, run "dojang keys activate ${answer.kid}" (with --force if services already know it).`
      const sentence = answer.changed
        ? `${answer.kid} is imported and published.`
        : `${answer.kid} was imported before.`
      showChange(cli, answer, changedKey(answer)?.state === 'pending' ? `${sentence} ${next}` : sentence)
    })
  verb(noun, 'export', 'print the public key of the active signing key, as JWK')
    .option('--pem', 'as PEM, for services that need a file')
    .option('--kid <kid>', 'export this key instead')
    .action(async ({ kid, pem }: { kid?: string; pem?: true }) => {
      const key = await cli.call('keys.export', { kid, pem })
      cli.show(key, 'pem' in key ? key.pem.trimEnd() : JSON.stringify(key, undefined, 2))
    })
}
