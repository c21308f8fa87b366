// dojang apis: the audiences that tokens are issued for.
import type { Command } from 'commander'
import { type Cli, listVerb, verb } from './command.ts'
import { clearOption, repeated, scopeOption, whole } from './options.ts'
import { fields } from './output.ts'

interface Settings {
  name?: string
  scope?: string[]
  scopeKo?: string[]
  scopeEn?: string[]
  ttl?: number
  tokenType?: string
  claim?: string[]
}

const settings = (command: Command): Command =>
  scopeOption(command.option('--name <name>', 'display name'), 'scopes of the API')
    .option(
      '--scope-ko <scope=text>',
      'what a scope means, in Korean, for the consent page; repeatable',
      repeated,
    )
    .option('--scope-en <scope=text>', 'the same in English; repeatable', repeated)
    .option('--ttl <seconds>', 'lifetime of its access tokens', whole)
    .option(
      '--token-type <type>',
      'typ header of its access tokens: at+jwt, or JWT for services that refuse at+jwt',
    )
    .option('--claim <name>', 'claim that its access tokens carry; repeatable', repeated)

const inputOf = ({ name, scope, scopeKo, scopeEn, ttl, tokenType, claim }: Settings) => ({
  name,
  scopes: scope,
  scopeKo,
  scopeEn,
  accessTokenTtlSeconds: ttl,
  tokenType,
  claims: claim,
})

export const apisCommands = (program: Command, cli: Cli): void => {
  const noun = program
    .command('apis')
    .description('audiences of tokens, with scopes, token lifetime and claims')
  settings(verb(noun, 'create', 'register an API'))
    .argument('<audience>', 'the "aud" claim of its tokens: an absolute URI')
    .action(async (audience: string, options: Settings) => {
      const api = await cli.call('apis.create', { audience, ...inputOf(options) })
      cli.show(api, fields(api))
    })
  listVerb(noun, cli, {
    usage: 'list',
    description: 'list the APIs',
    rows: () => cli.call('apis.list'),
    headings: {
      audience: 'AUDIENCE',
      name: 'NAME',
      scopes: 'SCOPES',
      access_token_ttl: 'TTL',
      token_type: 'TYPE',
      claims: 'CLAIMS',
    },
    none: 'There are no APIs. Tokens are issued for the default audience.',
  })
  clearOption(
    settings(verb(noun, 'update', 'change an API; a list replaces the previous list')),
    'scopes, scope-texts, claims or ttl',
  )
    .argument('<audience>')
    .action(async (audience: string, { clear, ...options }: Settings & { clear?: string[] }) => {
      const api = await cli.call('apis.update', { audience, clear, ...inputOf(options) })
      cli.show(api, fields(api))
    })
  verb(noun, 'delete', 'delete an API')
    .argument('<audience>')
    .action(async (audience: string) => {
      const deleted = await cli.call('apis.delete', { audience })
      cli.show(deleted, `The API ${audience} is deleted.`)
    })
}
