/** `AP_SOUTHEAST_1` (Atlas) and `ap-southeast-1` (AWS) as one form, that of AWS. */
export function awsRegion(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** Other providers have regions of the same names as AWS, of which the policy speaks: theirs are named with their provider. */
export function regionOf(provider: string, name: string): string {
  return provider === "AWS" ? name : `${name} of ${provider}`;
}

/** The same name as Atlas writes it. */
export function atlasRegion(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
