// A page that complains in the console is broken, even when it looks right.

/** Gathers console errors, uncaught exceptions and failed loads of a page. */
export function watchConsole(page) {
  let troubles = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) troubles.push(`${message.type()}: ${message.text()} (${page.url()})`)
  })
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message} (${page.url()})`))
  return {
    /** What was seen since the last call. */
    take() {
      const seen = troubles
      troubles = []
      return seen
    },
    /** Drops what the test itself provoked, such as the browser's word about a 404. */
    forgive(pattern) {
      troubles = troubles.filter((line) => !pattern.test(line))
    },
  }
}
