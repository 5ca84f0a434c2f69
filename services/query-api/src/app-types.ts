import type { HttpBindings } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { AnswerEvent } from './events.ts'

/**
 * What a request carries: Node's own objects, where it came over a socket, its id, who asks, of an admin the name of the
 * key, and where it is traced what is told of its answer.
 */
// A type, not an interface: only then it has the index signature that Hono's `Env` asks for.
export type QueryEnv = {
  Bindings: Partial<HttpBindings>
  Variables: {
    requestId: string
    clientAddress: string
    admin: string
    answerEnded: ((event: AnswerEvent) => void) | undefined
  }
}

export type QueryApp = OpenAPIHono<QueryEnv>
export type QueryContext = Context<QueryEnv>
