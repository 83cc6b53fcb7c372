// A terminal in the page, for the one page that has `data-console`. Bytes go through as they are;
// text from the server tells that there is a shell, and how it ended. A lost one is followed by a new
// one in the same container, by itself; what was on the screen stays above.
const one = (selector) => document.querySelector(selector)
const place = one('[data-console]')
const told = one('[data-console-state]')
const next = one('[data-console-next]')
const count = one('[data-console-count]')
const button = one('[data-console-now]')
const reader = one('[data-console-reader]')

// xterm writes its measures into `style` elements. The page's policy lets in those that carry its
// nonce, so they get it; nothing else in the page makes any.
const nonce = document.querySelector('script[nonce]').nonce
const make = document.createElement.bind(document)
document.createElement = (name, options) => {
  const element = make(name, options)
  if (String(name).toLowerCase() === 'style') element.nonce = nonce
  return element
}
// A colour of a line's own it would write as an attribute, which the policy refuses to all; the
// same by the object model is no attribute's text.
const setAttribute = Element.prototype.setAttribute
Element.prototype.setAttribute = function (name, value) {
  if (String(name).toLowerCase() === 'style') this.style.cssText = value
  else setAttribute.call(this, name, value)
}

const { Terminal } = await import('./xterm.mjs')
const { FitAddon } = await import('./addon-fit.mjs')

// Some browsers keep nothing, and say so by throwing.
const key = 'console-reader'
const kept = () => { try { return localStorage.getItem(key) === 'on' } catch { return false } }
const keep = (isOn) => { try { localStorage.setItem(key, isOn ? 'on' : 'off') } catch { /* until the page goes */ } }
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches

reader.checked = kept()
const terminal = new Terminal({
  fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSize: 14,
  cursorBlink: !isStill,
  scrollback: 5000,
  screenReaderMode: reader.checked,
  theme: { background: '#0b1530', foreground: '#e6ecff', cursor: '#ffc26b', selectionBackground: '#3a4f8f' },
})
const fit = new FitAddon()
terminal.loadAddon(fit)
terminal.open(place)
fit.fit()
reader.addEventListener('change', () => {
  keep(reader.checked)
  terminal.options.screenReaderMode = reader.checked
})

/** Seconds before each try, and how long a shell has to last for the first of them to count again. */
const naps = [1, 2, 4, 8, 15, 30]
const lasting = 10_000
/** A program that was cut off may have left the terminal in modes of its own, or at another screen:
 *  leaving one where one is not would move the cursor. */
const modes = '\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[!p'
const plain = () => (terminal.buffer.active.type === 'alternate' ? '\x1b[?1049l' : '') + modes

let socket
let tries = 0
let shells = 0
let timer

// What stands there already is not said again.
const say = (text) => { if (told.textContent !== text) told.textContent = text }

function connect() {
  clearInterval(timer)
  timer = undefined
  count.textContent = count.dataset.trying
  button.hidden = true
  const address = new URL(place.dataset.console, location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  address.searchParams.set('columns', terminal.cols)
  address.searchParams.set('rows', terminal.rows)
  const own = new WebSocket(address)
  own.binaryType = 'arraybuffer'
  let openedAt
  let ending
  own.onmessage = ({ data }) => {
    if (typeof data !== 'string') {
      terminal.write(new Uint8Array(data))
      return
    }
    const word = JSON.parse(data)
    if (!word.open) {
      ending = word
      return
    }
    openedAt = performance.now()
    opened()
  }
  own.onclose = async () => {
    if (openedAt === undefined) ending ??= await whyNot()
    else if (performance.now() - openedAt > lasting) tries = 0
    ended(ending)
  }
  socket = own
}

function opened() {
  shells += 1
  const isFirst = shells === 1
  say(isFirst ? told.dataset.open : told.dataset.renewed)
  if (!isFirst) terminal.write(`${plain()}\r\n\x1b[2m── ${told.dataset.mark} ──\x1b[0m\r\n`)
  next.hidden = true
  place.classList.remove('ended')
  terminal.options.disableStdin = false
  terminal.options.cursorBlink = !isStill
  // Whoever went elsewhere meanwhile is left there.
  const here = document.activeElement
  if (isFirst || !here || here === document.body || next.contains(here)) terminal.focus()
}

/** No words: the connection broke. */
function ended({ said = told.dataset.lost, again = true } = {}) {
  say(said)
  place.classList.add('ended')
  terminal.options.disableStdin = true
  terminal.options.cursorBlink = false
  next.hidden = false
  button.hidden = false
  button.textContent = again ? button.dataset.again : button.dataset.renew
  count.textContent = ''
  if (again) wait(naps[Math.min(tries++, naps.length - 1)])
}

function wait(seconds) {
  const show = () => { count.textContent = count.dataset.words.replace('{n}', seconds) }
  show()
  timer = setInterval(() => {
    seconds -= 1
    if (seconds > 0) show()
    else connect()
  }, 1000)
}

/** A browser tells no reason for a connection that was refused: the page itself knows it. */
async function whyNot() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } }).catch(() => undefined)
  if (!answer || answer.status >= 500) return undefined
  if (answer.redirected) {
    location.assign(answer.url)
    return { again: false }
  }
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
  const words = page.querySelector('[data-console]') ? undefined : page.querySelector('main .panel p, main .notice p')
  return words ? { said: words.textContent, again: false } : undefined
}

say(told.dataset.opening)
connect()
button.addEventListener('click', () => {
  // It goes with what it stands in.
  terminal.focus()
  connect()
})
addEventListener('online', () => { if (timer) connect() })

const bytes = new TextEncoder()
const send = (what) => { if (socket.readyState === WebSocket.OPEN) socket.send(what) }
// The server takes no more than this at once; a paste may be longer.
terminal.onData((text) => {
  const all = bytes.encode(text)
  for (let at = 0; at < all.length; at += 32768) send(all.slice(at, at + 32768))
})
terminal.onBinary((text) => send(Uint8Array.from(text, (c) => c.charCodeAt(0))))
terminal.onResize(({ cols, rows }) => send(JSON.stringify({ columns: cols, rows })))
new ResizeObserver(() => fit.fit()).observe(place)

terminal.attachCustomKeyEventHandler((event) => {
  if (!event.ctrlKey || !event.shiftKey) return true
  if (event.code === 'KeyC' && terminal.hasSelection()) {
    if (event.type === 'keydown') navigator.clipboard?.writeText(terminal.getSelection())
    event.preventDefault()
    return false
  }
  // The way out for whoever uses no mouse: Tab belongs to the terminal.
  if (event.code === 'KeyE') {
    if (event.type === 'keydown') document.querySelector('.console-panel select').focus()
    event.preventDefault()
    return false
  }
  return event.code !== 'KeyV'
})
