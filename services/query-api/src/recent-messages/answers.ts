/** What may go wrong, by the code that the answer names. */
const FAILURES = {
  invalid_channel_login: { status: 400, title: 'Bad Request' },
  invalid_query: { status: 400, title: 'Bad Request' },
  invalid_path: { status: 400, title: 'Bad Request' },
  channel_ignored: { status: 403, title: 'Forbidden' },
  not_found: { status: 404, title: 'Not Found' },
  method_not_allowed: { status: 405, title: 'Method Not Allowed' },
  request_timeout: { status: 408, title: 'Request Timeout' },
  too_many_requests: { status: 429, title: 'Too Many Requests' },
  internal_server_error: { status: 500, title: 'Internal Server Error' },
  service_unavailable: { status: 503, title: 'Service Unavailable' },
} as const

export type FailureCode = keyof typeof FAILURES

/** A request that fails; thrown anywhere, it becomes the answer. */
export class RecentMessagesError extends Error {
  override readonly name = 'RecentMessagesError'
  readonly code: FailureCode

  /** @param text what the client is told; the status in words when absent. */
  constructor(code: FailureCode, text: string = FAILURES[code].title, options?: ErrorOptions) {
    super(text, options)
    this.code = code
  }
}

/** What clients are told of a channel that nobody receives at this moment; its messages are there all the same. */
const NOT_JOINED = {
  error: 'The bot is currently not joined to this channel (in progress or failed previously)',
  error_code: 'channel_not_joined',
}
const NO_ERROR = { error: null, error_code: null }

export function messagesBody(messages: readonly string[], isJoined: boolean): string {
  return JSON.stringify({ messages, ...(isJoined ? NO_ERROR : NOT_JOINED) })
}

export function messagesResponse(body: string): Response {
  return new Response(body, { headers: headersOf('no-cache') })
}

/** The keys come in this order in the reference, too. */
export function failureResponse(
  { code, message }: RecentMessagesError,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const { status, title } = FAILURES[code]
  const body = { status, status_message: title, error: message, error_code: code }
  return new Response(JSON.stringify(body), {
    status,
    headers: { ...headersOf('no-store'), ...headers },
  })
}

function headersOf(cacheControl: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'cache-control': cacheControl,
    'x-content-type-options': 'nosniff',
  }
}
