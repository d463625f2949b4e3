/** Breaks text at spaces into lines of at most `width`; a longer word stands alone. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line = "";
    for (const word of words(paragraph)) {
      if (line !== "" && line.length + 1 + word.length > width) {
        lines.push(line);
        line = word;
      } else {
        line = line === "" ? word : `${line} ${word}`;
      }
    }
    return [...lines, line];
  });
}

/** Words as a person reads them: a number keeps its unit (`26 h`, `47.9 GB`, `100 %`). */
function words(paragraph: string): readonly string[] {
  return paragraph.split(/ (?!(?:h|m|s|d|%|B|[KMGTP]B)(?:[\s,.;:)]|$))/);
}
