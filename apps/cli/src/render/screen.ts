import pc from 'picocolors';
import { shorten } from './tool-text.js';

export interface ScreenOptions {
  write: (text: string) => void;
  colors: boolean;
  /** Null: no terminal, so no status line. Asked anew each time, because windows change. */
  columns: () => number | null;
}

const CLEAR_LINE = '\r\u001b[2K';

/** The terminal: text above, and one line at the bottom that says how things stand. */
export class Screen {
  readonly colors: ReturnType<typeof pc.createColors>;
  private status = '';
  private statusShown = false;
  private atLineStart = true;

  constructor(private readonly options: ScreenOptions) {
    this.colors = pc.createColors(options.colors);
  }

  static ofTerminal(): Screen {
    const { stdout } = process;
    return new Screen({
      write: (text) => stdout.write(text),
      colors: pc.isColorSupported && stdout.isTTY,
      columns: () => (stdout.isTTY ? stdout.columns || 80 : null),
    });
  }

  /** Text that has no control sequences but our own. */
  write(text: string): void {
    if (text === '') return;
    this.hideStatus();
    this.options.write(text);
    this.atLineStart = text.endsWith('\n');
    this.showStatus();
  }

  /** A line of its own, also when a text is not yet at its end. */
  line(text: string): void {
    this.endLine();
    this.write(`${text}\n`);
  }

  endLine(): void {
    if (!this.atLineStart) this.write('\n');
  }

  /** Empty: no status line any more. */
  setStatus(status: string): void {
    this.hideStatus();
    this.status = status;
    this.showStatus();
  }

  private showStatus(): void {
    const columns = this.options.columns();
    if (columns === null || this.status === '' || !this.atLineStart) return;
    this.options.write(this.colors.dim(shorten(this.status, Math.max(columns - 1, 10))));
    this.statusShown = true;
  }

  private hideStatus(): void {
    if (this.statusShown) this.options.write(CLEAR_LINE);
    this.statusShown = false;
  }
}
