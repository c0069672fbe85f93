const enter = new Set([0x0a, 0x0d]);
const endOfInput = 0x04;
const interrupt = 0x03;
const erase = new Set([0x08, 0x7f]);

/** Asks on the terminal for a line, without showing what is typed. Rejects where it is broken off. */
export function promptHidden(question: string): Promise<Buffer> {
  const { stdin, stderr } = process;
  // Before the question: what is typed from then on is not shown.
  stdin.setRawMode(true);
  stderr.write(question);
  stdin.resume();
  return new Promise((resolve, reject) => {
    const typed: number[] = [];
    const end = (settle: () => void): void => {
      stdin.off("data", take);
      stdin.off("end", hungUp);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
      settle();
    };
    const take = (chunk: Buffer): void => {
      const last = chunk.findIndex((byte) => enter.has(byte) || byte === endOfInput || byte === interrupt);
      for (const byte of last < 0 ? chunk : chunk.subarray(0, last)) {
        if (erase.has(byte)) eraseCharacter(typed);
        else typed.push(byte);
      }
      if (last < 0) return;
      end(() => {
        if (chunk[last] === interrupt) reject(new Error("broken off; nothing was stored"));
        else resolve(Buffer.from(typed));
        // What was typed ahead belongs to the next question.
        if (last + 1 < chunk.length) stdin.unshift(chunk.subarray(last + 1));
      });
    };
    const hungUp = (): void => end(() => reject(new Error("the terminal is gone; nothing was stored")));
    stdin.on("data", take);
    stdin.on("end", hungUp);
  });
}

/** Takes back one character of UTF-8: its continuation bytes and the byte that leads them. */
function eraseCharacter(typed: number[]): void {
  for (let byte = typed.pop(); byte !== undefined && (byte & 0xc0) === 0x80; ) byte = typed.pop();
}
