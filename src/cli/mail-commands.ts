// dojang mail: lists the mails that wait, sends dead letters again, and tests the mail server.
import type { Command } from 'commander'
import type { TestedMail } from '../admin/mail-operations.ts'
import { type Cli, verb } from './command.ts'
import { limitOption } from './options.ts'
import { counted, table } from './output.ts'
import type { Terminal } from './terminal.ts'

const list = (noun: Command, cli: Cli) =>
  limitOption(
    verb(noun, 'list', 'list the mails that wait or could not be sent; dead letters come first'),
    100,
  ).action(async ({ limit }: { limit: number }) => {
    const mails = await cli.call('mail.list', { limit })
    cli.show(
      mails,
      table(mails, 'No mail waits, and every mail was sent.', {
        id: 'MAIL',
        kind: 'KIND',
        user: 'USER',
        state: 'STATE',
        attempts: 'ATTEMPTS',
        created_at: 'CREATED',
        due_at: 'NEXT ATTEMPT',
        failed_at: 'GIVEN UP',
        last_error: 'LAST ERROR',
      }),
    )
  })

const retry = (noun: Command, cli: Cli) =>
  verb(noun, 'retry', 'send a dead letter again')
    .argument('[id]', 'id of a mail')
    .option('--all', 'send all dead letters again')
    .action(async (id: string | undefined, { all = false }: { all?: boolean }, command: Command) => {
      if ((id === undefined) !== all) command.error('error: give either the id of a mail or --all')
      const answer = await cli.call('mail.retry', { id, all })
      cli.show(answer, `A running server sends ${counted(answer.retried, 'mail')} within seconds.`)
    })

const result = (address: string, tested: TestedMail): string =>
  tested.outcome === 'sent'
    ? `The mail server accepted a mail to ${address}.`
    : `There is no mail server. A running server shows the mail at ${tested.page} within seconds.`

/** The language of the terminal. */
const language = ({ env }: Terminal): 'ko' | 'en' =>
  (env.LC_ALL || env.LANG || '').startsWith('ko') ? 'ko' : 'en'

const test = (noun: Command, cli: Cli) =>
  verb(noun, 'test', 'send a test mail now, and say what the mail server answered')
    .argument('<address>', 'e-mail address')
    .action(async (address: string) => {
      const tested = await cli.call('mail.test', { address, language: language(cli.terminal) })
      cli.show(tested, result(address, tested))
    })

export const mailCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('mail').description('mails that wait, and the mail server')
  list(noun, cli)
  retry(noun, cli)
  test(noun, cli)
}
