/** Text as it may stand in XML and HTML, between tags and in quoted attributes. */

/** What is no character of XML at all becomes the character for that. https://www.w3.org/TR/xml/#charsets */
export function escapeXml(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{fffd}\u{10000}-\u{10ffff}]/gu, "\u{fffd}")
    .replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
