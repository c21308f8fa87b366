// dojang apis: the audiences that tokens are made for.
import type { Command } from 'commander'
import type { ApiView } from '../admin/api-operations.ts'
import { type Cli, given, repeated, verb, whole } from './command.ts'
import { fields, table } from './output.ts'

const settings = (command: Command): Command =>
  command
    .option('--name <name>', 'name as shown')
    .option('--scope <scopes>', 'its scopes, repeatable or in one text', repeated)
    .option('--ttl <seconds>', 'life of its access tokens', whole)
    .option('--claim <name>', 'a claim that its access tokens carry, repeatable', repeated)

interface Settings {
  name?: string
  scope?: string[]
  ttl?: number
  claim?: string[]
  clear?: string[]
}

const inputOf = (audience: string, { name, scope, ttl, claim, clear }: Settings) =>
  given({ audience, name, scopes: scope, accessTokenTtlSeconds: ttl, claims: claim, clear })

export const apisCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('apis').description('APIs: audiences, their scopes, token lifetime and claims')
  settings(verb(noun, 'create', 'register an API'))
    .argument('<audience>', 'the "aud" of its tokens: an absolute URI')
    .action(async (audience: string, options: Settings) => {
      const api = await cli.call<ApiView>('apis.create', inputOf(audience, options))
      cli.show(api, fields(api))
    })
  verb(noun, 'list', 'list the APIs').action(async () => {
    const apis = await cli.call<ApiView[]>('apis.list')
    const headings = {
      audience: 'AUDIENCE',
      name: 'NAME',
      scopes: 'SCOPES',
      access_token_ttl: 'TTL',
      claims: 'CLAIMS',
    }
    cli.show(apis, table(apis, headings, 'No API is registered; tokens are for the default audience.'))
  })
  settings(verb(noun, 'update', 'change an API; a list replaces the one before'))
    .argument('<audience>')
    .option('--clear <setting>', 'scopes, claims or ttl, repeatable', repeated)
    .action(async (audience: string, options: Settings) => {
      const api = await cli.call<ApiView>('apis.update', inputOf(audience, options))
      cli.show(api, fields(api))
    })
  verb(noun, 'delete', 'delete an API')
    .argument('<audience>')
    .action(async (audience: string) => {
      const done = await cli.call('apis.delete', { audience })
      cli.show(done, `The API ${audience} is deleted.`)
    })
}
