// Copies the embedded database to a file, also while a server uses it.
import { AdminError, refused } from './admin-error.ts'
import { required, text } from './input.ts'
import { type Operation, operation } from './operation.ts'

const backupInput = { file: required(text) }

export interface BackupOperations {
  backup: Operation<typeof backupInput, { file: string }>
}

/** @param copyTo undefined for PostgreSQL, which has tools of its own */
export const createBackupOperations = ({
  copyTo,
}: {
  copyTo: ((file: string) => Promise<void>) | undefined
}): BackupOperations => ({
  backup: operation(backupInput, async ({ file }) => {
    if (copyTo === undefined)
      throw refused('This installation uses PostgreSQL. Make the backup with pg_dump (docs/operations.md).')
    try {
      await copyTo(file)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw new AdminError('refused', `${file} exists already. Name another file.`)
      if (code === undefined || !/^E(ACCES|PERM|NOENT|NOTDIR|ROFS|NOSPC)$/.test(code)) throw error
      throw new AdminError('refused', `${file} cannot be written (${code}). Name another file.`)
    }
    return { file }
  }),
})
