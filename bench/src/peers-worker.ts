import { promisify } from 'node:util'
import { constants, zstdCompress } from 'node:zlib'
import { z } from 'zod'
import { chatHours } from './archive/chat.ts'
import { childInput } from './archive/child.ts'
import { FactCounter } from './archive/facts.ts'
import { JustlogWriter } from './archive/justlog.ts'
import { scaleSchema } from './archive/schemas.ts'

const ZSTD_LEVEL = 9
const compressed = promisify(zstdCompress)

/** Writes the peers' archives of a scale and counts its lines; prints sizes and facts as JSON. */
const { scale, dir } = z.object({ dir: z.string(), scale: scaleSchema }).parse(childInput())

const params = { [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL }
const justlog = new JustlogWriter(dir)
const counter = new FactCounter(scale.days)
let zstdBytes = 0
for await (const { records } of chatHours(scale)) {
  const zstd = compressed(`${records.map(({ raw }) => raw).join('\n')}\n`, { params })
  for (const record of records) counter.add(record.raw, record)
  await justlog.addHour(records)
  zstdBytes += (await zstd).length
}
await justlog.finish()
const facts = counter.finish()
console.log(JSON.stringify({ facts, justlogBytes: justlog.bytes, zstdBytes }))
