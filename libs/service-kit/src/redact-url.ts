const CREDENTIALS = /:\/\/\S*@/g
const SECRET_PARAMETERS =
  /([?&][^=&#\s]*(?:pass|pwd|token|secret|key|auth|signature)[^=&#\s]*=)[^&#\s]*/gi

/**
 * Hides what a URL may hold of secrets: user and password, and parameters named like a secret.
 * Works on any text, also on several URLs, lists of hosts and URLs that do not parse; it rather
 * hides too much than too little.
 */
export function redactUrl(text: string): string {
  return text.replace(CREDENTIALS, '://***@').replace(SECRET_PARAMETERS, '$1***')
}
