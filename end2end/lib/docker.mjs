// The plain docker client, set up by the bundle's own docker.env, as a person would.
import { mkdtemp, rm, readdir } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { bash, ok, run } from './run.mjs'

/** An unzipped bundle. */
export class Bundle {
  static async unzip(zip) {
    const dir = await mkdtemp(path.join(os.tmpdir(), 'carina-bundle-'))
    await ok('unzip', ['-q', zip, '-d', dir])
    const [name] = await readdir(dir)
    return new Bundle(dir, path.join(dir, name), zip)
  }

  constructor(dir, folder, zip) {
    Object.assign(this, { dir, folder, zip })
  }

  file(name) {
    return path.join(this.folder, name)
  }

  /** What `source docker.env` sets, by the shell named. */
  async environment(shell = 'bash', cwd = '/') {
    const script = `. ${this.file('docker.env')} && env | grep ^DOCKER_`
    const lines = await ok(shell, ['-c', script], { cwd, env: clean })
    return Object.fromEntries(lines.split('\n').map((line) => line.split(/=(.*)/s).slice(0, 2)))
  }

  /** A docker client for this bundle; `host` in place of the bundle's own. */
  async docker(host) {
    const env = await this.environment()
    if (host) env.DOCKER_HOST = host
    return new Docker({ ...env, DOCKER_CONFIG: path.join(this.dir, 'config') })
  }

  remove() {
    return rm(this.dir, { recursive: true, force: true })
  }
}

// The person's own docker settings must not leak into a test.
const clean = { DOCKER_HOST: '', DOCKER_CERT_PATH: '', DOCKER_TLS_VERIFY: '', DOCKER_CONTEXT: '' }

export class Docker {
  constructor(env) {
    this.env = { ...env, DOCKER_CONTEXT: '', DOCKER_CLI_HINTS: 'false' }
  }

  /** `{ code, stdout, stderr, out }` of `docker ARGS...`. */
  run(args, options = {}) {
    return run('docker', words(args), { ...options, env: { ...this.env, ...options.env } })
  }

  /** The output of `docker ARGS...`, which must succeed. */
  ok(args, options = {}) {
    return ok('docker', words(args), { ...options, env: { ...this.env, ...options.env } })
  }

  /** A shell line as a person types it. */
  shell(line, options = {}) {
    return bash(line, { ...options, env: { ...this.env, ...options.env } })
  }

  /** `name -> node` of all containers that `docker ps -a` shows as `node/name`. */
  async placement(filter = '') {
    const names = await this.ok(`ps -a --format {{.Names}} ${filter}`)
    return Object.fromEntries(names.split('\n').filter(Boolean).map((line) => {
      const [node, name] = line.split(',')[0].split('/')
      return [name ? name : line, name ? node : '']
    }))
  }
}

const words = (args) => (Array.isArray(args) ? args : args.split(' ').filter(Boolean))

/** `docker import` of a static busybox: no registry is needed, or reached. */
export async function busyboxTar(dir) {
  const tar = path.join(dir, 'busybox.tar')
  await ok('bash', ['-c', `set -e
    root=$(mktemp -d)
    mkdir -p $root/{bin,tmp,etc,root,www} && chmod 1777 $root/tmp
    cp "$(command -v busybox)" $root/bin/busybox
    for applet in $($root/bin/busybox --list); do [ $applet = busybox ] || ln -s busybox $root/bin/$applet; done
    echo 'root:x:0:0:root:/root:/bin/sh' > $root/etc/passwd
    echo 'carina test page' > $root/www/index.html
    tar -C $root -cf ${tar} .
    rm -rf $root`])
  return tar
}

/** The same with this machine's docker client, and what it is linked against, where it is. */
export async function dockerTar(dir) {
  const tar = path.join(dir, 'docker-client.tar')
  await ok('bash', ['-c', `set -e
    root=$(mktemp -d)
    mkdir -p $root/{bin,tmp} && chmod 1777 $root/tmp
    client=$(readlink -f "$(command -v docker)")
    cp "$client" $root/bin/docker
    for file in $(ldd "$client" 2>/dev/null | grep -o '/[^ )]*'); do cp --parents -L "$file" $root; done
    tar -C $root -cf ${tar} .
    rm -rf $root`])
  return tar
}
