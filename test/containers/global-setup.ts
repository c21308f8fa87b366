// Builds the image once per run. Without container tools every test is skipped, or fails if CI=true.
import { readFileSync } from 'node:fs'
import type { TestProject } from 'vitest/node'
import { doWithout } from '../../harness/find-service.ts'
import { openEngine, packagesOfDebian, podman, whyNotHere } from './engine.ts'
import { buildImage, makeStandIns } from './stand-ins.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the engine. Empty if this machine has no container tools. */
    engineFolder: string
  }
}

const baseImage = (): string => {
  const dockerfile = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  const [, image = ''] = /^FROM (\S+) AS /m.exec(dockerfile) ?? []
  return image
}

const timed = async (what: string, work: () => Promise<void>): Promise<void> => {
  const begin = performance.now()
  await work()
  console.log(`${what}: ${Math.round((performance.now() - begin) / 1000)} s`)
}

export default async (project: TestProject): Promise<() => void> => {
  const reason = whyNotHere()
  project.provide('engineFolder', '')
  if (reason !== undefined) {
    doWithout(`containers (${reason})`, `run as root, after "apt-get install ${packagesOfDebian}"`)
    return () => {}
  }
  const engine = openEngine()
  try {
    await timed('Base images from Debian packages', () => makeStandIns(engine.folder, baseImage()))
    await timed('docker build', () => buildImage(engine.folder))
    const bytes = Number(await podman('image', 'inspect', 'dojang', '--format', '{{.Size}}'))
    console.log(`The image has ${Math.round(bytes / 1e6)} MB.`)
    project.provide('engineFolder', engine.folder)
    return engine.close
  } catch (error) {
    engine.close()
    throw error
  }
}
