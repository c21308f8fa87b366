// The texts of each language.
import type { Language } from './language.ts'
import { en, type Texts } from './texts.en.ts'
import { ko } from './texts.ko.ts'

const all: Readonly<Record<Language, Texts>> = { en, ko }

export const texts = (lang: Language): Texts => all[lang]
