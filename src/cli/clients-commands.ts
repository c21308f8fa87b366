// dojang clients: the applications that may ask for tokens.
import type { Command } from 'commander'
import type { CreatedClient, RotatedSecret } from '../admin/client-operations.ts'
import { type Cli, listVerb, verb } from './command.ts'
import { clearOption, repeated, scopeOption, whole } from './options.ts'
import { fields } from './output.ts'

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
  refresh?: string
  refreshGrace?: number
}

const settings = (command: Command): Command =>
  scopeOption(command, 'scopes that it may ask for')
    .option('--name <name>', 'name as people see it')
    .option('--redirect-uri <url>', 'where codes are sent, compared exactly; repeatable', repeated)
    .option('--post-logout-redirect-uri <url>', 'where a logout may lead; repeatable', repeated)
    .option('--origin <url>', 'browser origin of a single-page app; repeatable', repeated)
    .option('--grant <type>', 'authorization_code, refresh_token, client_credentials; repeatable', repeated)
    .option('--response-mode <mode>', 'how it takes codes: query, form_post; repeatable', repeated)
    .option('--audience <uri>', 'API that it may ask tokens for; repeatable', repeated)
    .option('--default-audience <uri>', 'API meant when a request names none')
    .option('--introspect <uri>', 'API that it serves, whose tokens it may introspect; repeatable', repeated)
    .option('--refresh <policy>', 'rotate (a new refresh token each time) or reuse')
    .option('--refresh-grace <seconds>', 'its own grace for a refresh token that comes twice', whole)
    .option('--third-party', "somebody else's app: people are asked for consent")

const inputOf = (options: Settings) => ({
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
  refresh: options.refresh,
  refreshGraceSeconds: options.refreshGrace,
})

/** Without `--pkce` before it, commander takes PKCE as switched on. */
const noPkceOption = (command: Command): Command =>
  command.option('--no-pkce', 'do without PKCE (only with a secret)')

const clientArgument = (command: Command): Command => command.argument('<id>', 'client_id')

const showCredentials = (cli: Cli, credentials: CreatedClient | RotatedSecret): void => {
  const remark = credentials.client_secret === undefined ? '' : '\nThe secret is shown only now.'
  cli.show(credentials, fields(credentials) + remark)
}

interface CreateOptions extends Settings {
  id?: string
  public?: boolean
  thirdParty?: boolean
  /** True unless `--no-pkce` is given. */
  pkce: boolean
}

const create = (noun: Command, cli: Cli) =>
  noPkceOption(settings(verb(noun, 'create', 'register a client; prints its id, and its secret once')))
    .option('--id <id>', 'client_id; made up if absent')
    .option('--public', 'an app that can keep no secret: browser, mobile, desktop')
    .action(async ({ id, public: isPublic, thirdParty, pkce, ...options }: CreateOptions) => {
      const own = { id, public: isPublic, thirdParty, pkce: pkce ? undefined : false }
      showCredentials(cli, await cli.call('clients.create', { ...own, ...inputOf(options) }))
    })

interface UpdateOptions extends Settings {
  thirdParty?: boolean
  firstParty?: boolean
  pkce?: boolean
  clear?: string[]
}

const update = (noun: Command, cli: Cli) => {
  const command = verb(noun, 'update', 'change a client; a list replaces the one before')
    .option('--first-party', 'people are not asked for consent')
    .option('--pkce', 'demand PKCE')
  clientArgument(
    clearOption(
      settings(noPkceOption(command)),
      'empty redirect-uri, post-logout-redirect-uri, origin, scope, audience, default-audience, introspect or refresh-grace',
    ),
  ).action(async (id: string, { thirdParty, firstParty, pkce, clear, ...options }: UpdateOptions) => {
    const own = { id, clear, pkce, thirdParty: firstParty === true ? false : thirdParty }
    const client = await cli.call('clients.update', { ...own, ...inputOf(options) })
    cli.show(client, fields(client))
  })
}

export const clientsCommands = (program: Command, cli: Cli): void => {
  const noun = program.command('clients').description('clients: applications that ask for tokens')
  create(noun, cli)
  listVerb(noun, cli, {
    usage: 'list',
    description: 'list the clients',
    rows: () => cli.call('clients.list'),
    headings: { client_id: 'CLIENT', name: 'NAME', public: 'PUBLIC', grant_types: 'GRANTS', scope: 'SCOPE' },
    none: 'There are no clients.',
  })
  clientArgument(verb(noun, 'show', 'show a client')).action(async (id: string) => {
    const client = await cli.call('clients.show', { id })
    cli.show(client, fields(client))
  })
  update(noun, cli)
  clientArgument(verb(noun, 'rotate-secret', 'make a new secret; prints it once'))
    .option('--keep-old-for <seconds>', 'accept the old secret beside it for this long', whole, 0)
    .action(async (id: string, { keepOldFor }: { keepOldFor: number }) => {
      showCredentials(cli, await cli.call('clients.rotate-secret', { id, keepOldForSeconds: keepOldFor }))
    })
  clientArgument(verb(noun, 'delete', 'delete a client; its tokens are revoked')).action(
    async (id: string) => {
      const deleted = await cli.call('clients.delete', { id })
      cli.show(deleted, `The client ${id} is deleted and its tokens are revoked.`)
    },
  )
}
