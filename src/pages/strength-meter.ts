// The feedback below a field for a new password. The server fills it after a form was sent. With JavaScript
// it also changes while the user types (strength-meter.client.js).
import { clientScript } from './client-script.ts'
import { type Html, html, render } from './html.ts'
import type { Texts } from './texts.en.ts'

/** An estimate of passwords/estimate.js. */
export interface ShownStrength {
  level: 0 | 1 | 2 | 3 | 4
  reason?: keyof Texts['strength']['reasons']
}

export interface StrengthMeter {
  minPasswordLength: number
  /** The names that a good password does not contain, if the page has no fields for them. */
  names: readonly string[]
  /** The estimate of the password that was sent. */
  strength?: ShownStrength | undefined
  /** The password that was sent was rejected, so it is not called strong. */
  rejected: boolean
}

/** login/strength-script.ts serves it. It is the same in both languages, so the markup carries the texts. */
export const strengthScriptPath = '/password-strength.js'

export const strengthMeterScript: string = render(
  clientScript(new URL('./strength-meter.client.js', import.meta.url)),
)

const sentence = (t: Texts, { level, reason }: ShownStrength): string =>
  [t.strength.levels[level], reason && t.strength.reasons[reason]].filter(Boolean).join(' ')

export const strengthMeter = (t: Texts, fieldId: string, meter: StrengthMeter): Html => {
  const { minPasswordLength, names, strength, rejected } = meter
  const shown: ShownStrength | undefined =
    strength && rejected && strength.level > 1 ? { level: 1 } : strength
  const forScript = {
    fieldId,
    minLength: minPasswordLength,
    names,
    tooShort: t.password.tooShort(minPasswordLength),
    missing: Array.from({ length: minPasswordLength }, (_, index) => t.strength.missing(index + 1)),
    levels: t.strength.levels,
    reasons: t.strength.reasons,
  }
  return html`<div class="strength" id="${fieldId}-strength" aria-live="polite" data-meter="${JSON.stringify(forScript)}"${shown && html` data-level="${shown.level}"`}>
<div class="bars" aria-hidden="true"><i></i><i></i><i></i><i></i></div>
<p>${shown && t.strength.sent(sentence(t, shown))}</p>
</div>`
}
