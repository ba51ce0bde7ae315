/** A request to a database got no answer that can be understood: what it asked for may have been done, or not. The message says why. */
export class LostReply extends Error {
  readonly code = 'REPLY_LOST'
}
