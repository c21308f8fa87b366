// Durations and moments as text for the user.
import type { Language } from './language.ts'

const units = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
] as const

/** "10 minutes", "30일": one unit on one line, rounded up, so that the user never waits too short a time. */
export const duration = (lang: Language, seconds: number): string => {
  const whole = Math.max(1, Math.ceil(seconds))
  const { unit, seconds: size } = units.find(
    ({ seconds: size }) => whole >= 2 * size || (whole >= size && whole % size === 0),
  ) ?? { unit: 'second', seconds: 1 }
  const { format } = new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' })
  return format(Math.ceil(whole / size)).replaceAll(' ', '\u00a0')
}

/** The zone of a text for a reader whose own zone is not known: most readers of Korean are in Korea. */
const timeZones = { ko: 'Asia/Seoul', en: 'UTC' } as const

/** A moment, with its time zone. */
export const moment = (lang: Language, at: Date): string =>
  new Intl.DateTimeFormat(lang, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: timeZones[lang],
  }).format(at) + (lang === 'ko' ? ' (한국 시간)' : ' UTC')
