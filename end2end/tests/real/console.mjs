// A console in a container, and the segment below it lost.
import { expect, test } from '@playwright/test'
import { segmentDestroy } from '../../lib/host.mjs'
import { real } from '../../lib/real.mjs'

const told = (page) => page.locator('[data-console-state]')
const screen = (page) => page.locator('.xterm-rows')

/** Types a line, and waits for what it answers: never what was typed itself. */
async function typed(page, line, answer) {
  await page.keyboard.type(`${line}\n`)
  await expect(screen(page)).toContainText(answer, { timeout: 20_000 })
}

/** All that `stty size` answered and is still on the screen. */
async function sizes(page) {
  const rows = await page.locator('.xterm-rows > div').allTextContents()
  return rows.map((row) => /^(\d+) (\d+)\s*$/.exec(row)).filter(Boolean).map(([, , columns]) => Number(columns))
}

export function consoles() {
  test('a console is a terminal in the container, as large as the window', async () => {
    const { ada, ada: { page } } = real
    await ada.go(`/clusters/${real.cluster}/containers/beacon/console`)
    await expect(told(page)).toHaveText('Connected', { timeout: 20_000 })
    await typed(page, 'echo on $((40+2)) feet, $(tty)', /on 42 feet, \/dev\/pts\/\d/)
    const columns = async () => {
      const before = (await sizes(page)).length
      await page.keyboard.type('stty size\n')
      await expect.poll(async () => (await sizes(page)).length).toBeGreaterThan(before)
      return (await sizes(page)).at(-1)
    }
    const wide = await columns()
    expect(wide).toBeGreaterThan(100)
    await page.setViewportSize({ width: 700, height: 700 })
    await expect.poll(columns).toBeLessThan(wide - 30)
    await page.setViewportSize({ width: 1280, height: 900 })
    await expect.poll(columns).toBe(wide)
    // In the very container that the docker client sees.
    await typed(page, 'echo "left $((1+1)) things" > /tmp/left; cat /tmp/left', 'left 2 things')
    expect(await real.docker.ok('exec beacon /bin/cat /tmp/left')).toBe('left 2 things')
  })

  test('a segment is lost while its console is open', async () => {
    const { ada, ada: { page } } = real
    const overview = await page.context().newPage()
    await overview.goto(`${real.panel.origin}/clusters/${real.cluster}`)
    const row = overview.locator('table.segments tbody tr').nth(1)
    await expect(row).toContainText('active')
    await page.bringToFront()
    await typed(page, 'echo before $((3*3)) bells', 'before 9 bells')
    await segmentDestroy(real.node(2))
    // The second is what the next try is told, a second later.
    await expect(told(page)).toHaveText(/^The console was lost: its segment went away|^Segment 2 does not answer just now, and beacon is on it/, { timeout: 30_000 })
    await expect(page.getByRole('button', { name: 'Reconnect now' })).toBeVisible()
    await expect(row).not.toContainText('active', { timeout: 20_000 })
    // What was on the screen stays to be read, and nothing is typed into nowhere.
    await expect(screen(page)).toContainText('before 9 bells')
    // The segment comes back with its container, and both pages hear of it.
    await expect(told(page)).toHaveText(/^Connected again, with a new shell/, { timeout: 90_000 })
    await expect(screen(page)).toContainText('before 9 bells')
    await page.locator('.console').click()
    await typed(page, 'echo after $((2*4)) bells; cat /tmp/left', /after 8 bells\s*left 2 things/)
    await expect(row).toContainText('active', { timeout: 60_000 })
    await overview.close()
    await page.keyboard.type('exit\n')
    await expect(told(page)).toHaveText(/^The shell has ended/)
    await expect(ada.page.getByRole('button', { name: 'Open a new shell' })).toBeVisible()
    // While the segment was away, the browser said so of its own as well.
    await ada.troubles.forgive(/WebSocket|Failed to load resource/)
  })
}
