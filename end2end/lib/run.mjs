// Running programs: every outcome as a value, so that a test can expect a failure as well.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..')
export const target = process.env.CARGO_TARGET_DIR ?? path.join(root, 'target')

/** Runs a program to its end: `{ code, stdout, stderr, out }`, `out` being both, as on a terminal. */
export function run(program, args = [], { env = {}, input, cwd, timeout = 60_000 } = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, cwd, stdio: 'pipe' })
    const result = { code: null, stdout: '', stderr: '', out: '', ms: 0 }
    const from = performance.now()
    const timer = setTimeout(() => {
      result.out += `\n[ended after ${timeout} ms]`
      child.kill('SIGKILL')
    }, timeout)
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8')
      child[stream].on('data', (text) => {
        result[stream] += text
        result.out += text
      })
    }
    child.stdin.on('error', () => {}) // a program may end before it has read everything
    child.stdin.end(input)
    child.on('error', (error) => resolve({ ...result, code: 127, out: String(error) }))
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      resolve({ ...result, code: code ?? `signal ${signal}`, ms: performance.now() - from })
    })
  })
}

/** Runs a program that must succeed; its standard output, trimmed. */
export async function ok(program, args = [], options = {}) {
  const result = await run(program, args, options)
  if (result.code !== 0) {
    throw new Error(`${[program, ...args].join(' ')}\nended with ${result.code}:\n${result.out}`)
  }
  return result.stdout.trim()
}

export const bash = (script, options) => run('bash', ['-c', script], options)

/** Asks again and again until the answer is one; throws the last reason when time is up. */
export async function until(what, ask, { timeout = 30_000, every = 50 } = {}) {
  const end = performance.now() + timeout
  let last
  do {
    try {
      const answer = await ask()
      if (answer) return answer
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, every))
  } while (performance.now() < end)
  throw new Error(`waited ${timeout} ms in vain: ${what}`, { cause: last })
}
