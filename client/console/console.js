// A terminal in the page, for the one page that has `data-console`. Bytes go through as they are;
// text from the server says why it ended.
const place = document.querySelector('[data-console]')
const told = document.querySelector('[data-console-state]')

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

const terminal = new Terminal({
  fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  fontSize: 14,
  cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  scrollback: 5000,
  screenReaderMode: false,
  theme: { background: '#0b1530', foreground: '#e6ecff', cursor: '#ffc26b', selectionBackground: '#3a4f8f' },
})
const fit = new FitAddon()
terminal.loadAddon(fit)
terminal.open(place)
fit.fit()

const say = (word) => { told.textContent = told.dataset[word] ?? word }
say('opening')
const address = new URL(place.dataset.console, location.href)
address.protocol = address.protocol.replace('http', 'ws')
address.searchParams.set('columns', terminal.cols)
address.searchParams.set('rows', terminal.rows)
const socket = new WebSocket(address)
socket.binaryType = 'arraybuffer'
let why

socket.onopen = () => { say('open'); terminal.focus() }
socket.onmessage = ({ data }) => {
  if (typeof data === 'string') why = data
  else terminal.write(new Uint8Array(data))
}
socket.onclose = () => {
  say(why ?? 'lost')
  place.classList.add('ended')
  terminal.options.disableStdin = true
  terminal.options.cursorBlink = false
}

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
