// The parts of the process that a command uses. `process` is one; tests make others.

export interface Terminal {
  /** The arguments of the command begin at the third one, as in `process.argv`. */
  argv: readonly string[]
  /** `.env` adds its settings here. */
  env: Record<string, string | undefined>
  /** The working directory. */
  cwd(): string
  /** The keyboard if `isTTY` is true. */
  stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(raw: boolean): unknown }
  stdout: NodeJS.WritableStream
  stderr: NodeJS.WritableStream
  exitCode?: number | string | null | undefined
}
