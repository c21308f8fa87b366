// Sends an authorization response to the client by a form (response_mode=form_post).
import { hidden } from './fields.ts'
import { html, raw } from './html.ts'
import { layout, type PageFrame } from './layout.ts'
import { texts } from './texts.ts'

export interface FormPostView extends PageFrame {
  /** The client's registered redirect URI. */
  action: string
  fields: Readonly<Record<string, string>>
}

const submit = raw("document.getElementById('answer').submit()")

/** OAuth 2.0 Form Post Response Mode §2. Without JavaScript the user presses the button. */
export const formPostPage = (view: FormPostView): string => {
  const { action, fields } = view
  const t = texts(view.lang)
  // A button named "submit" would hide the form's own method submit().
  const body = html`<h1>${t.formPost.title}</h1>
<p class="lede">${t.formPost.text}</p>
<form class="form" id="answer" method="post" action="${action}">
${hidden(fields)}
<button class="button" type="submit">${t.formPost.submit}</button>
</form>`
  return layout(view, { title: t.formPost.title, body, sheet: 'open', script: submit })
}
