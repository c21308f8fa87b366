// In which order a service for the tests is looked for, and what it means that there is none.
import type { Service } from './process.ts'

/** Says loudly what is left out and how to have it; with CI=true throws instead, for there nothing may be left out. */
export const doWithout = (name: string, how: string, env: NodeJS.ProcessEnv = process.env): void => {
  if (env.CI === 'true') throw new Error(`No ${name} for the tests: ${how}.`)
  console.warn(`\n*** SKIPPED: every test on ${name}, because there is none. To run them ${how}. ***\n`)
}

const orElse = async (name: string, start: () => Promise<Service>): Promise<Service | undefined> => {
  try {
    return await start()
  } catch (error) {
    console.warn(`${name} could not be started: ${error instanceof Error ? error.message : error}`)
    return undefined
  }
}

/** A given URL, else a container where Docker answers, else a binary of this machine, else nothing. */
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
  const container = (await wanted.docker) ? await orElse(`${name} in Docker`, wanted.inContainer) : undefined
  if (container) return container
  const started = binary ? await orElse(name, () => wanted.fromBinary(binary)) : undefined
  if (started) return started
  doWithout(name, `start Docker, or run "apt-get install ${debianPackage}", or set ${variable}`, env)
  return undefined
}
