// Gives a test file its own examples and its own Python, in temporary folders. Two files can run at the same
// time, because no file writes into the repository. Call these functions outside of hooks.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { removeFolder, temporaryFolder } from '../../harness/process.ts'
import { checkout } from './guide.ts'

/** Copies the files of the repository below `path`, without packages and built files. */
export const copyRepository = (to: string, path = '.'): void => {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '-z', path]
  const files = execFileSync('git', list, { cwd: checkout, encoding: 'utf8' }).split('\0').filter(Boolean)
  for (const file of files) if (existsSync(join(checkout, file))) cpSync(join(checkout, file), join(to, file))
}

/** Copies the folder `examples`. Returns the copy, which exists until the tests of the file have ended. */
export const ownExamples = (): string => {
  const folder = temporaryFolder()
  beforeAll(() => {
    copyRepository(folder, 'examples')
    // The examples install the verifiers from here.
    symlinkSync(join(checkout, 'verifiers'), join(folder, 'verifiers'))
  })
  afterAll(() => removeFolder(folder))
  return join(folder, 'examples')
}

/** Creates a virtual environment with these packages. Returns a `PATH` for its Python and for this Node. */
export const ownPython = (packages: readonly string[] = []): string => {
  const folder = temporaryFolder()
  const bin = join(folder, 'bin')
  beforeAll(() => {
    execFileSync('python3', ['-m', 'venv', folder])
    if (packages.length > 0)
      execFileSync(join(bin, 'pip'), ['install', '--quiet', ...packages], { stdio: 'pipe' })
  })
  afterAll(() => removeFolder(folder))
  return `${bin}:${dirname(process.execPath)}:${process.env.PATH}`
}
