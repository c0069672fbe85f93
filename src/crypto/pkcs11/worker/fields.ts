/** Text of a fixed-width field of PKCS#11, without the blanks or zeros that fill it up. */
export function fieldText(value: string): string {
  let end = value.length;
  while (end > 0 && (value[end - 1] === " " || value[end - 1] === "\0")) {
    end -= 1;
  }
  return value.slice(0, end);
}
