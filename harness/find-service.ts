// Finds a service for the tests: a given URL, then Docker, then a binary of this machine.
import type { Service } from './process.ts'

/** Warns that tests are skipped and says how to run them. Throws if CI=true, because CI runs every test. */
export const doWithout = (name: string, how: string, env: NodeJS.ProcessEnv = process.env): void => {
  if (env.CI === 'true') throw new Error(`No ${name} for the tests: it was not found. To have it, ${how}.`)
  console.warn(`\n*** SKIPPED: every test on ${name}, because it was not found. To run them, ${how}. ***\n`)
}

const startOrWarn = async (name: string, start: () => Promise<Service>): Promise<Service | undefined> => {
  try {
    return await start()
  } catch (error) {
    console.warn(`${name} could not be started: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

/** Undefined if no URL is set and neither Docker nor a binary starts the service. */
export const findService = async (
  wanted: {
    name: string
    variable: string
    debianPackage: string
    docker: Promise<boolean>
    inContainer: () => Promise<Service>
    binary: string | undefined
    fromBinary: (binary: string) => Promise<Service>
  },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Service | undefined> => {
  const { name, variable, debianPackage, binary } = wanted
  const url = env[variable]
  if (url) return { url, stop: async () => {} }
  const container = (await wanted.docker)
    ? await startOrWarn(`${name} in Docker`, wanted.inContainer)
    : undefined
  if (container) return container
  const started = binary ? await startOrWarn(name, () => wanted.fromBinary(binary)) : undefined
  if (started) return started
  doWithout(name, `start Docker, or run "apt-get install ${debianPackage}", or set ${variable}`, env)
  return undefined
}
