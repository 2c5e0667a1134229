// compare.js - our YAML scalars and documents against js-yaml 3, our env files against dotenv 16
//
// node compare.js MODULES ORACLE [SEED]: MODULES has node_modules/ with both packages (the versions
// that the existing tool uses), ORACLE is the program of oracle.c. The texts come from a generator
// with a seed: the same texts in every run. Every difference is printed; known ones are listed below.
'use strict'

const { spawnSync } = require('child_process')
const path = require('path')

const [modules, oracle, seedArgument] = process.argv.slice(2)
const load = name => require(path.resolve(modules, 'node_modules', name))
const yaml = load('js-yaml')
const dotenv = load('dotenv')
const merge = load('js-yaml/lib/js-yaml/type/merge')

// Intended difference: no timestamps. "2001-12-14" stays a string, as a Date would be one in JSON.
// Intended difference: of the tags only the core ones; !!binary, !!omap, !!pairs, !!set are findings.
const schema = new yaml.Schema({ include: [yaml.CORE_SCHEMA], implicit: [merge] })

// Other intended differences, by what the text looks like.
const known = {
  yaml: [
    {
      why: "js-yaml takes '<<' behind '? ' for an ordinary key; elsewhere, and here everywhere, it merges",
      is: text => /^\? <</m.test(text)
    }
  ],
  dotenv: [
    {
      why: 'only ASCII white space is white space',
      is: text => /\u00a0/.test(text)
    }
  ]
}

// mulberry32: small, and good enough to pick texts
let state = Number(seedArgument || 1) >>> 0
function random () {
  state = (state + 0x6d2b79f5) >>> 0
  let t = Math.imul(state ^ (state >>> 15), state | 1)
  t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
const below = n => Math.floor(random() * n)
const pick = list => list[below(list.length)]
const chance = p => random() < p
const repeat = (n, f) => Array.from({ length: n }, f)

// ---- texts

const words = ['null', 'Null', 'NULL', 'nULL', '~', 'true', 'True', 'TRUE', 'tRUE', 'false', 'False', 'FALSE',
  'yes', 'no', 'on', 'off', 'y', 'n', 'Yes', 'NO', '.inf', '.Inf', '.INF', '-.inf', '+.inf', '.iNF', '.nan',
  '.NaN', '.NAN', '.Nan', '-.nan', 'inf', 'nan', 'NaN', 'Infinity', '0', '-0', '+0', '00', '07', '08', '0o7',
  '0x', '0xG', '0b', '0b2', '1_', '_1', '1__0', '0_', '0_7', '1e', '1e+', '1e5', '1E-5', '.e1', '.5', '5.', '-.5',
  '+.5e1', '1.e1', '1.5.6', '1:30', '1:60', '1:3', '-1:30', '190:20:30', '190:20:30.15', '1:30.', '01:30', '0:0',
  '2001-12-14', '2001-12-14T21:59:43.10-05:00', '12e03', '-2E+05', '9007199254740993', '18446744073709551616',
  '1.0', '1.10', '0.1', '1e400', '-1e400', '0x7fffffffffffffff', '=', '<<', 'a b', 'a#b', 'a:b', '-a', '?a', ':a',
  'http://x/y?z#w', 'a,b', 'a]b', 'ä', '€', '😀', 'x\\n', '$x', '_', '-', '.', '+', '-.', '+.', '1,000', '0.', '-0x1F',
  '+0b11', '-017', '0x_1', '0b_1', '0_1', '0x1_', '._1', '1._5', '1_0.5_0', '1.5e1_0']
const numeric = '0123456789__..++--::eExXbBoaf~'.split('')

const plainScalar = () => chance(0.3) ? pick(words) : repeat(1 + below(7), () => pick(numeric)).join('')
const isSafePlain = text => !/^[-?:](\s|$)|: |:$| #|^[\][{},#&*!|>'"%@`]|^---|^\.\.\.|^=$|^\s|\s$/.test(text)

function quoted (text) {
  return chance(0.5) ? `'${text.replace(/'/g, "''")}'` : JSON.stringify(text)
}

// One scalar as a value, a key, an item, or with a tag.
function scalarDocument () {
  const text = plainScalar()
  if (!isSafePlain(text)) return `a: ${quoted(text)}\n`
  return pick([
    () => `a: ${text}\n`, () => `- ${text}\n`, () => `a: ${text} # c\n`, () => `a: ${quoted(text)}\n`,
    () => `{a: '${text.replace(/'/g, "''")}', b: "${text.replace(/["\\]/g, '\\$&')}"}\n`,
    () => `? ${text}\n: 1\n`, () => `${text}\n`, () => `a: !!str ${text}\n`, () => `a:\n  ${text}\n`
  ])()
}

const keys = ['a', 'b', 'name', 'two words', 'ä', '1', '01', '1.5', 'true', 'null', '~', 'a.b', 'a-b', 'X', 'http']

function mapping (depth, indent, anchors) {
  const used = new Set()
  let text = ''
  for (let i = 1 + below(4); i > 0; i--) {
    const key = pick(keys)
    if (used.has(String(yaml.safeLoad(key, { schema })))) continue
    used.add(String(yaml.safeLoad(key, { schema })))
    text += `${indent}${chance(0.1) ? quoted(key) : key}:${value(depth - 1, indent + '  ', anchors)}`
    if (chance(0.1)) text += `${chance(0.5) ? indent : ''}# comment: ${pick(words)}\n`
    if (chance(0.1)) text += '\n'
  }
  if (anchors.maps.length && chance(0.2)) text += `${indent}<<: *${pick(anchors.maps)}\n`
  return text
}

function list (depth, indent, anchors) {
  return repeat(1 + below(3), () => `${indent}-${value(depth - 1, indent + '  ', anchors)}`).join('')
}

function flow (depth) {
  if (depth <= 0 || chance(0.4)) return quoted(plainScalar())
  if (chance(0.5)) return `[${repeat(below(4), () => flow(depth - 1)).join(pick([', ', ',']))}]`
  return `{${repeat(below(4), (_, i) => `k${i}: ${flow(depth - 1)}`).join(', ')}}`
}

function blockScalar (indent) {
  const lines = repeat(1 + below(4), () => chance(0.2) ? '' : indent + (chance(0.2) ? ' ' : '') + pick(words))
  if (!lines[0].trim()) lines[0] = indent + 'x'
  lines[0] = lines[0].replace(/^( *)\s/, '$1')
  return ` ${pick(['|', '>'])}${pick(['', '-', '+'])}\n${lines.join('\n')}\n`
}

// What stands behind "key:" or "-", with the line's end.
function value (depth, indent, anchors) {
  const choice = below(depth > 0 ? 9 : 6)
  if (choice === 0) return blockScalar(indent)
  if (choice === 1) return ` ${flow(2)}\n`
  if (choice === 2 && anchors.all.length) return ` *${pick(anchors.all)}\n`
  if (choice <= 5) {
    const text = plainScalar()
    return ` ${isSafePlain(text) ? text : quoted(text)}\n`
  }
  const name = chance(0.3) ? `x${anchors.count++}` : null
  const isMap = choice <= 7
  const text = isMap ? mapping(depth, indent, anchors) : list(depth, indent, anchors)
  if (name) {
    anchors.all.push(name)
    if (isMap) anchors.maps.push(name)
  }
  return `${name ? ` &${name}` : ''}\n${text}`
}

function yamlDocument () {
  const anchors = { all: [], maps: [], count: 0 }
  const text = chance(0.8) ? mapping(3, '', anchors) : list(3, '', anchors)
  return chance(0.1) ? `---\n${text}` : text
}

const pieces = ['A', 'B', 'C1', 'a.b', 'x-y', '_', '1', 'export ', 'export', '=', '=', '=', '=', ': ', ':', ' ', ' ', '\t',
  '\n', '\n', '\n', '\n', '\r\n', '\r', "'", "'", '"', '"', '`', '`', '#', ' # ', '\\', '\\n', '\\r', '\\"', "\\'", '\\\\', '$',
  'value', 'ä', '\u00a0', '\v', '\f', ',', '{', '}', 'x y', '\n\n']
const assignments = ['A=b', 'B="x"', "C='y z'", 'export D=e', 'E="one\ntwo"', '# c', 'F=`g`', '', 'G: h', 'H="a\\nb"']

function envFile () {
  const text = chance(0.5)
    ? repeat(1 + below(12), () => pick(pieces)).join('')
    : repeat(1 + below(6), () => pick(assignments) + (chance(0.4) ? pick(pieces) : '')).join('\n')
  return /^\s*\{/.test(text) ? 'A=' + text : text // that would be JSON for us
}

// ---- comparison

function theirYaml (text) {
  try {
    const value = yaml.safeLoad(text, { schema })
    return { value: value === undefined ? null : value }
  } catch (e) {
    return { error: e.message.split('\n')[0] }
  }
}

// JSON has no infinity: both say null. Key order counts but for keys that are numbers.
function canonical (v) {
  if (Array.isArray(v)) return v.map(canonical)
  if (v && typeof v === 'object') {
    return Object.keys(v).sort().map(k => [k, canonical(v[k])])
  }
  return typeof v === 'number' && !Number.isFinite(v) ? null : v === 0 ? 0 : v
}

const equal = (a, b) => JSON.stringify(canonical(a)) === JSON.stringify(canonical(b))

function ask (kind, texts) {
  const run = spawnSync(oracle, [kind], {
    input: texts.map(t => JSON.stringify(t) + '\n').join(''),
    maxBuffer: 1 << 28,
    encoding: 'utf8'
  })
  if (run.status !== 0) throw new Error(`${oracle} ${kind}: ${run.stderr || run.error || run.signal}`)
  return run.stdout.trimEnd().split('\n').map(line => JSON.parse(line))
}

function compare (title, kind, texts, their) {
  const unique = [...new Set(texts)]
  const answers = ask(kind, unique)
  let wrong = 0
  let excused = 0
  let refused = 0
  unique.forEach((text, i) => {
    const theirs = their(text)
    const ours = answers[i]
    if ('error' in theirs && 'error' in ours) {
      refused++
      return
    }
    if ('value' in theirs && 'value' in ours && equal(theirs.value, ours.value)) return
    if (known[kind].some(k => k.is(text, theirs, ours))) {
      excused++
      return
    }
    if (++wrong <= 20) console.log(`${title}: ${JSON.stringify(text)}\n  theirs: ${JSON.stringify(theirs)}\n  ours:   ${JSON.stringify(ours)}`)
  })
  const both = unique.length - wrong - excused
  console.log(`  ${title}: ${both} of ${unique.length} alike (${refused} refused), ${excused} known differences, ${wrong} others`)
  return wrong
}

const wrong =
  compare('scalars', 'yaml', repeat(12000, scalarDocument), theirYaml) +
  compare('documents', 'yaml', repeat(6000, yamlDocument), theirYaml) +
  compare('env files', 'dotenv', repeat(20000, envFile), text => ({ value: dotenv.parse(text) }))
process.exit(wrong ? 1 : 0)
