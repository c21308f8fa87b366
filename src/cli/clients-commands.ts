// dojang clients: the applications that may ask for tokens.
import type { Command } from 'commander'
import type { ClientView } from '../admin/client-operations.ts'
import { type Cli, given, repeated, verb, whole } from './command.ts'
import { fields, table } from './output.ts'

interface Settings {
  name?: string
  redirectUri?: string[]
  postLogoutRedirectUri?: string[]
  origin?: string[]
  grant?: string[]
  responseMode?: string[]
  scope?: string[]
  audience?: string[]
  defaultAudience?: string
  introspect?: string[]
  pkce?: boolean
  refresh?: string
  refreshGrace?: number
}

const settings = (command: Command): Command =>
  command
    .option('--name <name>', 'name as people see it')
    .option('--redirect-uri <url>', 'where codes are sent, compared exactly; repeatable', repeated)
    .option('--post-logout-redirect-uri <url>', 'where a logout may lead; repeatable', repeated)
    .option('--origin <url>', 'browser origin of a single-page app; repeatable', repeated)
    .option('--grant <type>', 'authorization_code, refresh_token, client_credentials; repeatable', repeated)
    .option('--response-mode <mode>', 'how it takes codes: query, form_post; repeatable', repeated)
    .option('--scope <scopes>', 'scopes that it may ask for, repeatable or in one text', repeated)
    .option('--audience <uri>', 'API that it may ask tokens for; repeatable', repeated)
    .option('--default-audience <uri>', 'API meant when a request names none')
    .option('--introspect <uri>', 'API that it serves, whose tokens it may introspect; repeatable', repeated)
    .option('--refresh <policy>', 'rotate (a new refresh token each time) or reuse')
    .option('--refresh-grace <seconds>', 'its own grace for a refresh token that comes twice', whole)

const members = (options: Settings): Record<string, unknown> => ({
  name: options.name,
  redirectUris: options.redirectUri,
  postLogoutRedirectUris: options.postLogoutRedirectUri,
  origins: options.origin,
  grants: options.grant,
  responseModes: options.responseMode,
  scopes: options.scope,
  audiences: options.audience,
  defaultAudience: options.defaultAudience,
  introspects: options.introspect,
  pkce: options.pkce,
  refresh: options.refresh,
  refreshGraceSeconds: options.refreshGrace,
})

interface Credentials {
  client_id: string
  client_secret?: string
  previous_secret_expires_at?: string | null
}

const shown = (credentials: Credentials): string =>
  credentials.client_secret === undefined
    ? fields(credentials)
    : `${fields(credentials)}\nThe secret is shown only now.`

const create = (noun: Command, cli: Cli) =>
  settings(verb(noun, 'create', 'register a client; prints its id, and its secret once'))
    .option('--id <id>', 'client_id; made up if absent')
    .option('--public', 'an app that can keep no secret: browser, mobile, desktop')
    .option('--third-party', "somebody else's app: people are asked for consent")
    .option('--no-pkce', 'do without PKCE (only with a secret)')
    .action(async ({ id, public: isPublic, thirdParty, pkce, ...options }) => {
      const input = {
        id,
        public: isPublic,
        thirdParty,
        ...members(options),
        pkce: pkce === false ? false : undefined,
      }
      const created = await cli.call<Credentials>('clients.create', given(input))
      cli.show(created, shown(created))
    })

const update = (noun: Command, cli: Cli) =>
  settings(verb(noun, 'update', 'change a client; a list replaces the one before'))
    .argument('<id>', 'client_id')
    .option('--third-party', 'people are asked for consent')
    .option('--first-party', 'people are not asked for consent')
    .option('--pkce', 'demand PKCE')
    .option('--no-pkce', 'do without PKCE (only with a secret)')
    .option(
      '--clear <setting>',
      'empty redirect-uri, post-logout-redirect-uri, origin, scope, audience, default-audience, introspect or refresh-grace; repeatable',
      repeated,
    )
    .action(async (id: string, { thirdParty, firstParty, clear, ...options }) => {
      const party = firstParty === true ? false : thirdParty
      const input = given({ id, thirdParty: party, clear, ...members(options) })
      const client = await cli.call<ClientView>('clients.update', input)
      cli.show(client, fields(client))
    })

export const clientsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('clients').description('clients: applications that ask for tokens')
  create(noun, cli)
  verb(noun, 'list', 'list the clients').action(async () => {
    const clients = await cli.call<ClientView[]>('clients.list')
    const headings = {
      client_id: 'CLIENT',
      name: 'NAME',
      public: 'PUBLIC',
      grant_types: 'GRANTS',
      scope: 'SCOPE',
    }
    cli.show(clients, table(clients, headings, 'There are no clients.'))
  })
  verb(noun, 'show', 'show a client')
    .argument('<id>', 'client_id')
    .action(async (id: string) => {
      const client = await cli.call<ClientView>('clients.show', { id })
      cli.show(client, fields(client))
    })
  update(noun, cli)
  verb(noun, 'rotate-secret', 'make a new secret; prints it once')
    .argument('<id>', 'client_id')
    .option('--keep-old-for <seconds>', 'accept the old secret beside it for this long', whole, 0)
    .action(async (id: string, { keepOldFor }) => {
      const rotated = await cli.call<Credentials>('clients.rotate-secret', {
        id,
        keepOldForSeconds: keepOldFor,
      })
      cli.show(rotated, shown(rotated))
    })
  verb(noun, 'delete', 'delete a client; its tokens are revoked')
    .argument('<id>', 'client_id')
    .action(async (id: string) => {
      const done = await cli.call('clients.delete', { id })
      cli.show(done, `The client ${id} is deleted and its tokens are revoked.`)
    })
}
