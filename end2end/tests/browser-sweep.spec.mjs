// Every page, in both themes and at three widths: awake without a complaint, whole, still, named, and
// fit for whoever cannot see it (WCAG 2.2 AA, as far as axe can tell). The main ones on a very large
// screen, too.
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { pages, routes } from '../lib/routes.mjs'
import { Showcase } from '../lib/showcase.mjs'
import { watchConsole } from '../lib/watch.mjs'

const themes = ['light', 'dark']
const widths = [390, 1024, 1920]
/** All that axe knows of WCAG 2.2 AA. */
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const shiftMost = 0.02
/** What has much to show, and takes the room there is. */
const large = ['clusters', 'cluster', 'containers', 'container', 'logs', 'console', 'metrics-day', 'images', 'services', 'hosts', 'audit']

// A recording of so many pages costs more than all of the rest.
test.use({ trace: 'off', screenshot: 'off' })

let showcase
test.beforeAll(async () => {
  showcase = await Showcase.start({ pool: '10.88.0.0/16' })
})
test.afterAll(() => showcase?.remove())

// Some fifty pages, each in two themes.
test.describe.configure({ timeout: 300_000 })

test('every route is on the list', async () => {
  const listed = new Set(pages.map((page) => page.route))
  const had = await routes()
  expect(had.length).toBeGreaterThan(30)
  expect(had.filter((route) => !listed.has(route)), 'routes of root.rs that lib/routes.mjs leaves out').toEqual([])
  expect([...listed].filter((route) => route !== '' && !had.includes(route)), 'routes that are no more').toEqual([])
})

// Both themes at once: a browser's pages have a process each.
for (const width of widths) {
  test(`every page, ${width} px wide`, async ({ browser }) => {
    const found = await Promise.all(themes.map((theme) => sweep(
      browser,
      { colorScheme: theme, viewport: { width, height: 900 } },
      { axe: tags },
    )))
    expect(found.flat()).toEqual([])
  })
}

// The longer words of the other language.
test('every page, German, 390 px wide', async ({ browser }) => {
  expect(await sweep(browser, { locale: 'de-DE', viewport: { width: 390, height: 844 } })).toEqual([])
})

test('the main pages on a very large screen', async ({ browser }) => {
  const look = { colorScheme: 'light', viewport: { width: 3840, height: 2160 } }
  expect(await sweep(browser, look, { names: large, more: roomy })).toEqual([])
})

/** What is wrong with the pages, all of them or those of these names, with one look. `more` runs in
 *  the page and tells more. */
async function sweep(browser, look, { axe, names, more } = {}) {
  const wrong = []
  for (const [who, storageState] of Object.entries(showcase.states)) {
    const context = await browser.newContext({ ...look, storageState })
    await context.addInitScript(watchShifts)
    const tab = await context.newPage()
    const troubles = watchConsole(tab)
    for (const page of pages.filter((page) => (page.as ?? 'administrator') === who)) {
      if (names && !names.includes(page.name)) continue
      const found = await visit(tab, troubles, page, axe)
      if (more) found.push(...await tab.evaluate(more))
      wrong.push(...found.map((what) => `${page.name}, ${look.colorScheme ?? look.locale}: ${what}`))
    }
    await context.close()
  }
  return wrong
}

/** Opens a page, lets it wake and be drawn again, and tells what is wrong with it. */
async function visit(tab, troubles, page, axe) {
  const answer = await tab.goto(showcase.address(page))
  await expect(tab.locator('html.awake')).toBeAttached()
  const wrong = []
  const status = page.status ?? 200
  if (status < 400 && await tab.locator('[data-live]').count() > 0) await drawnAgain(tab)
  if (answer.status() !== status) wrong.push(`answers ${answer.status()}`)
  wrong.push(...await tab.evaluate(judge, shiftMost))
  if (axe) wrong.push(...await violations(tab, axe))
  wrong.push(...troubles.take().filter((line) => !isExpected(line)))
  return wrong
}

/** The browser's own word about a page that is meant not to be there; it may come late. */
function isExpected(line) {
  return pages.some((page) => page.status && line.includes(`status of ${page.status}`) && line.includes(showcase.address(page)))
}

/** As when the panel says that something changed. */
async function drawnAgain(tab) {
  await tab.evaluate(async () => {
    const events = await window.events()
    const before = performance.getEntriesByType('resource').length
    events.dispatchEvent(new MessageEvent('changed', { data: '' }))
    while (performance.getEntriesByType('resource').length === before) {
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // The answer is put in place in the turn after it has come, and painted in the one after that.
    await new Promise((resolve) => setTimeout(resolve, 30))
  })
}

async function violations(tab, tags) {
  // The terminal is xterm.js's, which has a mode of its own for screen readers.
  const builder = new AxeBuilder({ page: tab }).options({ resultTypes: ['violations'] }).exclude('.xterm').setLegacyMode(true)
  const { violations } = await builder.withTags(tags).analyze()
  return violations.map(({ id, nodes: [node, ...more] }) => {
    const why = [...node.any, ...node.all, ...node.none].map((check) => check.message).join('; ')
    return `${id}: ${node.target.join(' ')}: ${why}${more.length > 0 ? ` (and ${more.length} more)` : ''}`
  })
}

/** Runs in every page before its own scripts: keeps what moved, and the page's stream of events. */
function watchShifts() {
  window.shifts = []
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const name = (node) => node?.id || node?.className || node?.nodeName
      const parts = entry.sources.map(({ node }) => name(node instanceof Element ? node : node?.parentElement))
      window.shifts.push({ value: entry.value, parts })
    }
  }).observe({ type: 'layout-shift', buffered: true })
  const Own = window.EventSource
  let opened
  const open = new Promise((resolve) => (opened = resolve))
  window.events = () => open
  window.EventSource = class extends Own {
    constructor(...all) {
      super(...all)
      // The page may listen from the next turn on.
      setTimeout(() => opened(this))
    }
  }
}

/** Runs in the page. */
function judge(shiftMost) {
  const wrong = []
  const headings = document.querySelectorAll('h1')
  if (headings.length !== 1) wrong.push(`has ${headings.length} h1`)
  if (document.querySelectorAll('main').length !== 1) wrong.push('has not one main')
  if (!/^.+ · Carina$/.test(document.title)) wrong.push(`is titled “${document.title}”`)
  const { scrollWidth, clientWidth } = document.documentElement
  if (scrollWidth > clientWidth) {
    const outside = [...document.querySelectorAll('main *, .topbar *, .foot *')]
      .filter((one) => one.getBoundingClientRect().right > clientWidth + 1)
      .map((one) => `${one.nodeName.toLowerCase()}.${one.className}`)
    wrong.push(`is ${scrollWidth - clientWidth} px wider than the window: ${outside.slice(0, 5).join(', ')}`)
  }
  const shifted = window.shifts.reduce((sum, shift) => sum + shift.value, 0)
  if (shifted > shiftMost) wrong.push(`shifts by ${shifted.toFixed(3)}: ${JSON.stringify(window.shifts)}`)
  return wrong
}

/** Runs in the page: what is meant for width has it, what is meant for reading has not. */
function roomy() {
  const wrong = []
  const width = (one) => Math.round(one.getBoundingClientRect().width)
  for (const one of document.querySelectorAll('.log, .console, .table, .charts')) {
    const isWhole = one.closest('.panel')?.parentElement?.localName === 'main' && one.checkVisibility()
    if (isWhole && width(one) < 1600) wrong.push(`${one.className} is only ${width(one)} px wide`)
  }
  for (const one of document.querySelectorAll('main p')) {
    if (one.checkVisibility() && width(one) > 1000) wrong.push(`a text is ${width(one)} px wide: ${one.textContent.slice(0, 40)}`)
  }
  return wrong
}
