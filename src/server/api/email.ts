/** The address of a user of a local platform, where nobody has one. */
export const emailOf = (username: string) => `${username}@localhost`
