// A page that complains in the console is broken, even when it looks right.

/** Gathers console errors, uncaught exceptions and failed loads of a page. Without script the browser
 *  warns that what it preloaded for the script is not used: `warnings` leaves that out. */
export function watchConsole(page, { warnings = true } = {}) {
  const kinds = warnings ? ['error', 'warning'] : ['error']
  let troubles = []
  page.on('console', (message) => {
    if (kinds.includes(message.type())) troubles.push(`${message.type()}: ${message.text()} (${page.url()})`)
  })
  page.on('pageerror', (error) => troubles.push(`exception: ${error.message} (${page.url()})`))
  return {
    /** What was seen since the last call. */
    take() {
      const seen = troubles
      troubles = []
      return seen
    },
    /** Drops what the test itself provoked, such as the browser's word about a 404. That word may come
     *  after the page has changed, so it is waited for; a browser that says nothing is no trouble. */
    async forgive(pattern) {
      const until = Date.now() + 2000
      while (!troubles.some((line) => pattern.test(line)) && Date.now() < until) {
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      troubles = troubles.filter((line) => !pattern.test(line))
    },
  }
}
