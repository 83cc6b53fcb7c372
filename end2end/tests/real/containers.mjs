// A cluster, its containers and what they write.
import { expect, test } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { real } from '../../lib/real.mjs'

/** Counts aloud, and ends when it is asked to. */
const counts = (word) => `trap 'exit 0' TERM; n=0; while true; do n=$((n+1)); echo "${word} $n <b>"; sleep 0.3 & wait $!; done`

export function containers() {
  test('a cluster of two segments is made, and runs containers', async () => {
    const { ada } = real
    real.cluster = await real.make('harbor', 2)
    await expect(ada.badge('active')).toBeVisible({ timeout: 60_000 })
    real.docker = await real.bundle(ada, 'laptop')
    await real.image()
    await real.run('lighthouse', 1, counts('flash'))
    await real.run('beacon', 2, counts('blink'), '--restart', 'always')
    await real.run('flotsam', 2, counts('drift'))
    await ada.at()
    await expect(ada.region('Segments').getByRole('row').nth(2)).toContainText(/of 2(\.0)? GiB/, { timeout: 20_000 })
  })

  test('containers are narrowed down by name, state and segment', async () => {
    const { ada, ada: { page } } = real
    await ada.at('/containers')
    for (const name of ['lighthouse', 'beacon', 'flotsam']) await expect(ada.row(name)).toBeVisible()
    await expect(ada.row('beacon')).toContainText('Segment 2')
    const filtered = async (fill, address) => {
      await ada.at('/containers')
      await fill()
      await ada.press('Filter')
      await expect(page).toHaveURL(address)
      await ada.awake()
    }
    await filtered(() => page.getByLabel('Name or image').fill('LIGHT'), /name=LIGHT/)
    await expect(ada.row('lighthouse')).toBeVisible()
    await expect(ada.row('beacon')).toHaveCount(0)
    await filtered(() => page.locator('select[name=segment]').selectOption('2'), /segment=2/)
    await expect(ada.row('beacon')).toBeVisible()
    await expect(ada.row('lighthouse')).toHaveCount(0)
    await filtered(() => page.locator('select[name=state]').selectOption('paused'), /state=paused/)
    await expect(page.getByText('No container is like that.')).toBeVisible()
    // One is paused from the list, and there it is.
    await ada.at('/containers')
    const menu = ada.row('beacon').locator('details')
    await menu.locator('summary').click()
    await ada.press('Pause', menu)
    await ada.says('The container is paused.')
    await expect(ada.row('beacon')).toContainText(/paused/i)
    await filtered(() => page.locator('select[name=state]').selectOption('paused'), /state=paused/)
    await ada.row('beacon').locator('summary').click()
    await ada.press('Continue', ada.row('beacon'))
    await ada.says('The container goes on.')
  })

  test('what a container uses is told as it goes on', async () => {
    const { ada, ada: { page } } = real
    await ada.at('/containers/lighthouse')
    await expect(page.locator('.status-panel')).toContainText('running')
    const used = ada.region('In use')
    const cpu = async () => Number(/([\d.]+) vCPU/.exec(await used.textContent())?.[1] ?? -1)
    await expect.poll(cpu, { timeout: 30_000 }).toBeGreaterThanOrEqual(0)
    await expect(used).toContainText(/(KiB|MiB) of 2(\.0)? GiB/)
    await ada.mark()
    await real.docker.ok(['exec', '-d', 'lighthouse', '/bin/timeout', '25', '/bin/sh', '-c', 'while :; do :; done'])
    await expect.poll(cpu, { timeout: 30_000 }).toBeGreaterThan(0.2)
    await ada.isUntouched()
  })

  test('a container is stopped, started and removed', async () => {
    const { ada, ada: { page } } = real
    const state = page.locator('.status-panel')
    const seen = async (format) => real.docker.ok(['inspect', '-f', format, 'flotsam'])
    await ada.at('/containers/flotsam')
    await ada.press('Stop')
    await ada.says('The container was stopped.')
    await expect(state).toContainText('exited')
    expect(await seen('{{.State.Running}}')).toBe('false')
    await ada.press('Start')
    await ada.says('The container was started.')
    await expect(state).toContainText('running')
    await ada.press('Restart')
    await ada.says('The container was restarted.')
    expect(await seen('{{.State.Running}}')).toBe('true')
    await ada.twice('Remove', 'Remove', page.locator('main'))
    await ada.says('The container was removed.')
    await expect(page).toHaveURL(/\/containers\?done=remove/)
    await expect(ada.row('flotsam')).toHaveCount(0)
    expect((await real.docker.run('inspect --type container flotsam')).code).not.toBe(0)
    // Told that something changed, the page may have asked for what was gone already.
    await ada.troubles.forgive(/404/)
  })

  /** Of each container the numbers it counted, in the order in which they stand there. */
  function counted(text) {
    const found = { flash: [], blink: [] }
    for (const [, word, n] of text.matchAll(/(flash|blink) (\d+) <b>/g)) found[word].push(Number(n))
    return found
  }
  const isWhole = (numbers) => numbers.length > 0 && numbers.every((n, k) => n === numbers[0] + k)

  test('logs of two segments are followed side by side, searched, paused and taken along', async () => {
    const { ada, ada: { page } } = real
    const told = page.locator('[data-log-state]')
    const lines = page.locator('.log-line')
    const shown = async () => counted((await lines.allTextContents()).join('\n'))
    const grown = async (more) => {
      const before = await shown()
      await expect.poll(async () => {
        const now = await shown()
        return Object.keys(now).every((word) => now[word].length >= before[word].length + more)
      }, { timeout: 20_000 }).toBe(true)
    }
    await ada.at('/containers')
    for (const name of ['lighthouse', 'beacon']) await page.getByLabel(`Tick ${name}`).check()
    await ada.press('Logs of the ticked ones')
    await expect(told).toHaveText('Following')
    await expect(page.locator('.chip')).toHaveText(['beacon', 'lighthouse'])
    await grown(4)
    for (const numbers of Object.values(await shown())) expect(isWhole(numbers), numbers.join(' ')).toBe(true)

    await ada.press('Pause')
    await expect(told).toHaveText('Paused')
    const paused = await lines.count()
    await page.waitForTimeout(1_000)
    expect(await lines.count()).toBe(paused)
    await ada.press('Continue')
    await grown(4)
    for (const numbers of Object.values(await shown())) expect(isWhole(numbers), numbers.join(' ')).toBe(true)

    await page.getByLabel('Search in these lines').fill('BLINK 1')
    await expect(told).toHaveText(/^\d+ of \d+ lines$/)
    for (const text of await page.locator('.log-line:visible').allTextContents()) expect(text).toContain('blink 1')

    const coming = page.waitForEvent('download')
    await page.getByRole('link', { name: 'Download' }).click()
    const download = await coming
    expect(download.suggestedFilename()).toBe('harbor-containers.log')
    const file = counted(await readFile(await download.path(), 'utf8'))
    for (const [word, numbers] of Object.entries(file)) {
      expect(isWhole(numbers) && numbers[0] === 1, `${word}: ${numbers.join(' ')}`).toBe(true)
      expect(numbers.length, word).toBeGreaterThan(8)
    }
  })
}
