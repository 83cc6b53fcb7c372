// Asks the browser for a passkey, for forms with `data-passkey`: there the question is fetched from,
// `data-passkey-verb` says whether one is made (create) or used (get), and the form takes the answer
// to the panel. What goes wrong here is said where the form is, in the words of its `data-said-…`;
// what the panel refuses, the panel says: then the form goes there without an answer.
const busy = 'aria-busy'

document.addEventListener('submit', (event) => {
  const form = event.target
  if (!form.matches('form[data-passkey]')) return
  event.preventDefault()
  // Another listener may have been first, for the same reason.
  if (form.hasAttribute(busy)) return
  ask(form)
})

// The browser's back button brings the page back as it was left.
addEventListener('pageshow', () => document.querySelectorAll('form[data-passkey]').forEach((form) => wait(form, false)))

async function ask(form) {
  say(form, '')
  wait(form, true)
  const since = Date.now()
  let question
  try {
    question = await asked(form)
    const answer = question ? JSON.stringify(await answered(form, question)) : ''
    form.querySelector('[name=answer]').value = answer
    // The method, whatever fields the form has; and no `submit` event, which would begin anew.
    HTMLFormElement.prototype.submit.call(form)
  } catch (error) {
    wait(form, false)
    say(form, question ? why(form, error, Date.now() - since >= question.timeout) : document.body.dataset.unreachable)
  }
}

/** What to ask the browser; nothing where the panel refuses. */
async function asked(form) {
  const answer = await fetch(form.dataset.passkey, {
    method: 'POST',
    headers: { Accept: 'application/json' },
    body: new URLSearchParams(new FormData(form)),
  })
  return answer.ok ? JSON.parse(await answer.json()) : undefined
}

async function answered(form, question) {
  if (!window.PublicKeyCredential || !navigator.credentials) throw new DOMException('', 'NotSupportedError')
  if (form.dataset.passkeyVerb === 'create') {
    return written(await navigator.credentials.create({ publicKey: creation(question) }))
  }
  return written(await navigator.credentials.get({ publicKey: request(question) }))
}

function creation(question) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(question)
  return {
    ...question,
    challenge: bytes(question.challenge),
    user: { ...question.user, id: bytes(question.user.id) },
    excludeCredentials: question.excludeCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
  }
}

function request(question) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(question)
  return {
    ...question,
    challenge: bytes(question.challenge),
    allowCredentials: question.allowCredentials.map((one) => ({ ...one, id: bytes(one.id) })),
  }
}

/** As `toJSON` writes it, which some browsers lack and some extensions break. */
function written(credential) {
  const { response } = credential
  const part = (name) => (response[name] ? { [name]: text(response[name]) } : {})
  const { credProps } = credential.getClientExtensionResults()
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response: {
      ...part('clientDataJSON'), ...part('attestationObject'), ...part('authenticatorData'), ...part('signature'), ...part('userHandle'),
      ...(response.getTransports ? { transports: response.getTransports() } : {}),
    },
    clientExtensionResults: credProps ? { credProps } : {},
  }
}

const bytes = (base64url) => Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')

function why(form, error, isLate) {
  const said = form.dataset
  switch (error.name) {
    // Browsers do not tell one from the other: a site is not to know whether there is a passkey.
    case 'NotAllowedError':
    case 'AbortError': return isLate ? said.saidLate : said.saidStopped
    case 'InvalidStateError': return form.dataset.passkeyVerb === 'create' ? said.saidKnown : said.saidFailed
    case 'SecurityError': return said.saidElsewhere
    case 'NotSupportedError':
    case 'ConstraintError': return said.saidUnable
    default: return said.saidFailed
  }
}

function wait(form, isWaiting) {
  form.toggleAttribute(busy, isWaiting)
  if (isWaiting) form.setAttribute(busy, 'true')
  // Disabled, it would lose the focus.
  const button = form.querySelector('button[type=submit]')
  if (isWaiting) button.setAttribute('aria-disabled', 'true')
  else button.removeAttribute('aria-disabled')
}

/** In place, and read out. */
function say(form, words) {
  form.querySelector(':scope > .alert')?.remove()
  if (!words) return
  const line = document.createElement('p')
  line.className = 'alert'
  line.setAttribute('role', 'alert')
  line.textContent = words
  form.prepend(line)
}
