// dojang backup: copies the embedded database to a file.
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { type Cli, verb } from './command.ts'

export const backupCommand = (program: Command, cli: Cli): void => {
  verb(program, 'backup', 'copy the embedded database while the server runs')
    .argument('<file>', 'a new file')
    .action(async (file: string) => {
      const made = await cli.call('backup', { file: resolve(file) })
      cli.show(made, `${made.file} is a complete copy. Keep the key-encryption key in another place.`)
    })
}
