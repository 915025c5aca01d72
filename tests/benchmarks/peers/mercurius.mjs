// Mercurius with its JIT. MODE=governed asks in a resolver of every field whether the person grants its category, and
// commits one log row for each person before the answer leaves; MODE=bare only reads and answers.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import Fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'

const { PORT, MODE, DATABASE_HOST, DATABASE_USER, DATABASE_NAME, PEERS } = process.env
const governed = MODE === 'governed'
const CONNECTIONS = 16

const read = path => readFileSync(`${PEERS}/${path}`, 'utf8')
const people = read('sql/people.sql')
const fields = Object.entries(JSON.parse(read('fields.json')))
  .map(([name, category], place) => ({ name, category: 1 << category, bit: 1 << place }))
const MEASUREMENT = 1 << 2
// A list that is withheld withholds all that was asked of it.
const MEASUREMENT_BITS = fields.filter(field => field.category === MEASUREMENT)
  .reduce((bits, field) => bits | field.bit, 0)

const pool = new pg.Pool({
  host: DATABASE_HOST,
  user: DATABASE_USER,
  database: DATABASE_NAME,
  min: CONNECTIONS,
  max: CONNECTIONS,
  idleTimeoutMillis: 0,
  options: '-c plan_cache_mode=force_generic_plan'
})

// Prepared once on each connection, under a name. The size of a page is part of the text: as a parameter it costs the
// planner's time again and again.
const statements = {
  person: people.replace('condition', 'subject_id = $1'),
  page20: people.replace('condition', 'subject_id > $1 ORDER BY subject_id LIMIT 20'),
  page100: people.replace('condition', 'subject_id > $1 ORDER BY subject_id LIMIT 100'),
  consent: read('sql/consent.sql'),
  measurements: read('sql/measurements.sql'),
  record: read('sql/record.sql')
}
const ask = async (name, ...values) => (await pool.query({ name, text: statements[name], values })).rows

// What one answer has told of each person, kept while it is put together.
class Told {
  constructor (granted) {
    this.granted = granted
    this.disclosed = 0
    this.withheld = 0
    this.objects = 1
  }

  permits ({ category, bit }) {
    const open = (this.granted & category) !== 0
    if (open) this.disclosed |= bit
    else this.withheld |= bit
    return open
  }
}

const found = async (rows, context) => {
  const page = { rows, measurements: null }
  for (const row of rows) row.page = page
  if (!governed || rows.length === 0) return rows
  const consent = await ask('consent', rows.map(row => row.id), context.purpose, context.recipient)
  const granted = new Map(consent.map(row => [row.id, row.allowed]))
  for (const row of rows) {
    row.told = new Told(granted.get(row.id) ?? 0)
    context.people.push(row)
  }
  return rows
}

// One query for the whole page, made by whichever person is asked first.
const measured = async rows => {
  const open = governed ? rows.filter(row => row.told.granted & MEASUREMENT) : rows
  const owners = new Map(open.map(row => [row.id, { row, list: [] }]))
  for (const each of await ask('measurements', [...owners.keys()])) {
    const { row, list } = owners.get(each.subject)
    each.told = row.told
    list.push(each)
  }
  for (const { row, list } of owners.values()) {
    list.reverse()
    if (governed) row.told.objects += list.length
  }
  return owners
}

const record = context => {
  if (context.people.length === 0) return
  const column = pick => context.people.map(pick)
  return ask('record', randomUUID(), context.purpose, context.recipient, column(row => row.id),
    column(row => row.told.disclosed), column(row => row.told.withheld), column(row => row.told.objects))
}

const checked = names => Object.fromEntries(fields.filter(field => names.includes(field.name))
  .map(field => [field.name, row => row.told.permits(field) ? row[field.name] : null]))
const guards = names => governed ? checked(names) : {}
const itself = row => row

const schema = `
  type Query { subjects(first: Int!, after: String): SubjectConnection subject(id: ID!): Subject }
  type SubjectConnection { edges: [SubjectEdge!]! }
  type SubjectEdge { node: Subject! }
  type Subject { id: ID! attributes: Attributes! account: Account! measurements(last: Int!): [Measurement!] }
  type Attributes { birthDate: String age: String sex: String heightCm: Float weightKg: Float }
  type Account { loginId: String email: String }
  type Measurement { takenAt: String value: Float unit: String }
`

const resolvers = {
  Query: {
    subjects: async (_, { first, after }, context) => ({ edges: await found(await ask(`page${first}`, after), context) }),
    subject: async (_, { id }, context) => (await found(await ask('person', id), context))[0] ?? null
  },
  SubjectEdge: { node: itself },
  Subject: {
    attributes: itself,
    account: itself,
    measurements: async row => {
      row.page.measurements ??= measured(row.page.rows)
      const own = (await row.page.measurements).get(row.id)
      if (own === undefined) row.told.withheld |= MEASUREMENT_BITS
      return own === undefined ? null : own.list
    }
  },
  Attributes: guards(['birthDate', 'age', 'sex', 'heightCm', 'weightKg']),
  Account: guards(['loginId', 'email']),
  Measurement: guards(['takenAt', 'value', 'unit'])
}
for (const [name, own] of Object.entries(resolvers)) if (Object.keys(own).length === 0) delete resolvers[name]

const app = Fastify()
app.register(mercurius, {
  schema,
  resolvers,
  jit: 1,
  context: request => ({
    purpose: request.headers['x-purpose-of-use'],
    recipient: request.headers['x-recipient-type'],
    people: []
  })
})
await app.ready()
if (governed) app.graphql.addHook('onResolution', (_, context) => record(context))
await Promise.all(Array.from({ length: CONNECTIONS }, () => pool.query('SELECT pg_sleep(0.05)')))
await app.listen({ port: Number(PORT), host: '127.0.0.1' })
