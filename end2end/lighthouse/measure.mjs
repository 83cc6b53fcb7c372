// `make lighthouse`: what Lighthouse says of the main pages, as a phone sees them, on simulated segments;
// written into docs/performance.md between its marks.
import { chromium } from '@playwright/test'
import lighthouse from 'lighthouse'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { chromium as options } from '../playwright.config.mjs'
import { carina, freePort } from '../lib/panel.mjs'
import { root } from '../lib/run.mjs'
import { Showcase } from '../lib/showcase.mjs'

// Another build would be measured as well, but what it takes is not what people wait for.
const profile = path.basename(path.dirname(carina))
const runs = Number(process.env.CARINA_LIGHTHOUSE_RUNS ?? 3)
const categories = { performance: 95, accessibility: 100, 'best-practices': 100 }
const marks = ['<!-- lighthouse -->', '<!-- /lighthouse -->']

const showcase = await Showcase.start({ pool: '10.90.0.0/16' })
const dir = await mkdtemp(path.join(os.tmpdir(), 'carina-lighthouse-'))
const port = await freePort()
let missed = false
try {
  const pages = [
    { name: 'sign-in', at: '/sign-in' },
    { name: 'clusters', at: '/clusters', signedIn: true },
    { name: 'a cluster', at: `/clusters/${showcase.cluster}`, signedIn: true },
    { name: 'its containers', at: `/clusters/${showcase.cluster}/containers`, signedIn: true },
  ]
  const rows = []
  for (const signedIn of [false, true]) {
    const context = await chromium.launchPersistentContext(path.join(dir, String(signedIn)), {
      ...options, args: [...options.args, `--remote-debugging-port=${port}`],
    })
    if (signedIn) await context.addCookies(showcase.states.administrator.cookies)
    for (const page of pages.filter((page) => Boolean(page.signedIn) === signedIn)) rows.push(await measured(page))
    await context.close()
  }
  await write(rows)
} finally {
  await rm(dir, { recursive: true, force: true })
  await showcase.remove()
}
if (missed) process.exitCode = 1

/** The run in the middle, by performance; another load of the machine is no news of the page. */
async function measured({ name, at }) {
  const reports = []
  for (let run = 0; run < runs; run++) {
    const { lhr } = await lighthouse(showcase.panel.origin + at, {
      port, onlyCategories: Object.keys(categories), disableStorageReset: true, logLevel: 'error',
    })
    if (lhr.runtimeError) throw new Error(`${name}: ${lhr.runtimeError.message}`)
    if (new URL(lhr.finalDisplayedUrl).pathname !== at) throw new Error(`${name}: led to ${lhr.finalDisplayedUrl}`)
    reports.push(lhr)
  }
  reports.sort((a, b) => a.categories.performance.score - b.categories.performance.score)
  const report = reports[Math.floor(runs / 2)]
  for (const [category, least] of Object.entries(categories)) {
    const score = Math.round(report.categories[category].score * 100)
    if (score >= least) continue
    missed = true
    console.log(`${name}: ${category} ${score} is under ${least}:`)
    const audits = report.categories[category].auditRefs.filter(({ weight }) => weight > 0).map(({ id }) => report.audits[id])
    for (const audit of audits.filter(({ score }) => score !== null && score < 0.9)) {
      console.log(`  ${audit.id}: ${audit.displayValue ?? audit.title}`)
      for (const item of audit.details?.items ?? []) console.log(`    ${JSON.stringify(item).slice(0, 300)}`)
    }
  }
  return { name, report }
}

async function write(rows) {
  const score = (report, category) => Math.round(report.categories[category].score * 100)
  const time = (report, audit) => `${(report.audits[audit].numericValue / 1000).toFixed(1)} s`
  const bytes = (report) => `${(report.audits['total-byte-weight'].numericValue / 1000).toFixed(0)} kB`
  const lines = rows.map(({ name, report }) => [
    name, ...Object.keys(categories).map((category) => score(report, category)),
    time(report, 'first-contentful-paint'), time(report, 'largest-contentful-paint'),
    `${Math.round(report.audits['total-blocking-time'].numericValue)} ms`,
    report.audits['cumulative-layout-shift'].numericValue.toFixed(3), bytes(report),
  ])
  const report = rows[0].report
  const text = [
    marks[0],
    '## Pages in the browser',
    '',
    `Lighthouse ${report.lighthouseVersion} with its own picture of a slow phone (4G, a processor four times slower), Debian's Chromium, simulated segments, the panel's ${profile} build on ${os.cpus().length} cores; \`make lighthouse\` writes this part anew. The run in the middle of ${runs}.`,
    '',
    '| page | performance | accessibility | best practices | first paint | largest paint | blocked | shift | loaded |',
    '|---|---|---|---|---|---|---|---|---|',
    ...lines.map((line) => `| ${line.join(' | ')} |`),
    '',
    `Targets: performance ≥ ${categories.performance}, the others ${categories.accessibility}: ${missed ? '**missed**' : 'met'}.`,
    marks[1],
    '',
  ].join('\n')
  console.log(text)
  if (profile !== 'release') {
    console.log(`Not written into docs/performance.md: this was a ${profile} build.`)
    return
  }
  const page = path.join(root, 'docs/performance.md')
  const before = await readFile(page, 'utf8')
  const [from, to] = marks.map((mark) => before.indexOf(mark))
  const head = from < 0 ? `${before}\n` : before.slice(0, from)
  const tail = to < 0 ? '' : before.slice(to + marks[1].length + 1)
  await writeFile(page, head + text + tail)
}
