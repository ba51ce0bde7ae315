/** Where databases can be: this machine, which is where all of them are, and the codes that scripts written for Turso use. */
export const locations: Record<string, string> = {
  local: 'This machine',
  'aws-ap-northeast-1': 'AWS AP NorthEast (Tokyo)',
  'aws-ap-south-1': 'AWS AP South (Mumbai)',
  'aws-eu-west-1': 'AWS EU West (Ireland)',
  'aws-us-east-1': 'AWS US East (Virginia)',
  'aws-us-east-2': 'AWS US East (Ohio)',
  'aws-us-west-2': 'AWS US West (Oregon)',
}

/** Whether a location is one of those. */
export const isLocation = (code: string) => Object.hasOwn(locations, code)
