// The bill: one line for each request that was answered, so that a test can hold what a server counted against it.

// A demo left running for days must not grow without end; the oldest lines go first.
const linesMax = 100_000;

export class Bill {
  constructor() {
    this.lines = [];
    this.dropped = 0;
  }

  add(line) {
    if (this.lines.length >= linesMax) {
      this.lines.shift();
      this.dropped += 1;
    }
    this.lines.push(line);
  }

  clear() {
    this.lines = [];
    this.dropped = 0;
  }

  toJSON() {
    const sum = { requests: this.lines.length, input: 0, output: 0, cached: 0, reasoning: 0 };
    for (const line of this.lines) {
      sum.input += line.input;
      sum.output += line.output;
      sum.cached += line.cached;
      sum.reasoning += line.reasoning;
    }
    return { requests: this.lines, total: sum, dropped: this.dropped };
  }
}
