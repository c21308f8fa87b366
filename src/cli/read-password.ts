// Reads a password from stdin or the keyboard. It is never an argument, because every process of the machine
// can read the arguments of a command.
import { CliError } from './cli-error.ts'
import type { Terminal } from './terminal.ts'

const maxLength = 8192

const readStdin = async ({ stdin }: Terminal): Promise<string> => {
  let text = ''
  stdin.setEncoding('utf8')
  for await (const chunk of stdin as AsyncIterable<string>) {
    text += chunk
    if (text.length > maxLength)
      throw new CliError('The password on stdin is too long. Choose a shorter one.')
  }
  // Removes only the line break that `echo` and editors add.
  return text.replace(/\r?\n$/, '')
}

/** Reads the keyboard until Enter, without showing what is typed. */
const typed = (prompt: string, { stdin, stderr }: Terminal): Promise<string> =>
  new Promise((resolve, reject) => {
    stderr.write(prompt)
    stdin.setRawMode?.(true)
    stdin.setEncoding('utf8')
    let text = ''
    const done = () => {
      stdin.off('data', hear).pause()
      stdin.setRawMode?.(false)
      stderr.write('\n')
    }
    const hear = (chunk: string) => {
      for (const key of chunk) {
        if (key === '\r' || key === '\n' || key === '\u0004') {
          done()
          return resolve(text)
        }
        if (key === '\u0003') {
          done()
          return reject(new CliError('Cancelled.'))
        }
        text = key === '\u007f' || key === '\b' ? [...text].slice(0, -1).join('') : text + key
      }
    }
    stdin.on('data', hear).resume()
  })

/** Reads stdin once, or the keyboard twice. Undefined if there is no terminal or nothing is typed. */
export const readPassword = async (
  terminal: Terminal,
  { stdin }: { stdin: boolean },
): Promise<string | undefined> => {
  if (stdin) {
    const password = await readStdin(terminal)
    if (password === '') throw new CliError('There is no password on stdin. Send it as one line.')
    return password
  }
  if (!terminal.stdin.isTTY) return undefined
  const password = await typed('Password: ', terminal)
  if (password === '') return undefined
  if ((await typed('Repeat the password: ', terminal)) !== password)
    throw new CliError('The two passwords differ. Run the command again.')
  return password
}
