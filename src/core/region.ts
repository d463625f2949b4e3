/** `AP_SOUTHEAST_1` (Atlas) and `ap-southeast-1` (AWS) as one form, that of AWS. */
export function awsRegion(name: string): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** The same name as Atlas writes it. */
export function atlasRegion(name: string): string {
  return name.toUpperCase().replaceAll("-", "_");
}
