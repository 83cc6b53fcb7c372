// Every page, in both themes and at three widths: awake without a complaint, whole, still, named, and
// fit for whoever cannot see it (WCAG 2.2 AA, as far as axe can tell).
import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { pages, routes } from '../lib/routes.mjs'
import { Showcase } from '../lib/showcase.mjs'
import { watchConsole } from '../lib/watch.mjs'

const themes = ['light', 'dark']
const widths = [390, 1024, 1920]
/** Where axe looks: what it judges changes where the page's shape does. */
const judged = [390, 1024]
/** In one theme for all; in the other one only the colours are news. */
const rules = { light: { tags: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] }, dark: { rules: ['color-contrast', 'link-in-text-block'] } }
const shiftMost = 0.02

// A recording of so many pages costs more than all of the rest.
test.use({ trace: 'off', screenshot: 'off' })

let showcase
test.beforeAll(async () => {
  showcase = await Showcase.start({ pool: '10.88.0.0/16' })
})
test.afterAll(() => showcase?.remove())

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
      judged.includes(width) ? rules[theme] : undefined,
    )))
    expect(found.flat()).toEqual([])
  })
}

// The longer words of the other language.
test('every page, German, 390 px wide', async ({ browser }) => {
  expect(await sweep(browser, { locale: 'de-DE', viewport: { width: 390, height: 844 } })).toEqual([])
})

/** What is wrong with the pages, all of them, with one look. */
async function sweep(browser, look, axe) {
  const wrong = []
  for (const [who, storageState] of Object.entries(showcase.states)) {
    const context = await browser.newContext({ ...look, storageState })
    await context.addInitScript(watchShifts)
    const tab = await context.newPage()
    const troubles = watchConsole(tab)
    for (const page of pages.filter((page) => (page.as ?? 'administrator') === who)) {
      const found = await visit(tab, troubles, page, axe)
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

async function violations(tab, { tags, rules }) {
  // The terminal is xterm.js's, which has a mode of its own for screen readers.
  const builder = new AxeBuilder({ page: tab }).exclude('.xterm').setLegacyMode(true)
  const { violations } = await (tags ? builder.withTags(tags) : builder.withRules(rules)).analyze()
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
