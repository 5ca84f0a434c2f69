/** Something the user can mend. The message is one sentence or two: what is wrong and what to do. */
export class Problem extends Error {
  override readonly name = 'Problem'
}
