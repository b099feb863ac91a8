/** A failure's cause, read. */
export interface Cause {
  message: string;
  type?: string;
  stack?: string;
}

const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

function stackOf(value: unknown): string | undefined {
  return Array.isArray(value) ? value.map((line) => frameOf(line)).join('\n') || undefined : text(value);
}

// Python and Node.js write lines, Go writes objects.
function frameOf(line: unknown): string {
  if (typeof line !== 'object' || line === null) {
    return String(line);
  }
  const { path, line: number, label } = line as Record<string, unknown>;
  return path === undefined ? JSON.stringify(line) : `${label ?? ''} (${path}:${number})`;
}

function parseObject(cause: string): Record<string, unknown> | undefined {
  if (!cause.trimStart().startsWith('{')) {
    return undefined;
  }
  try {
    return JSON.parse(cause);
  } catch {
    return undefined;
  }
}

/** Reads a cause. A function's is JSON with errorMessage, errorType and its stack; a child execution's has its own. */
export function readCause(cause: string): Cause {
  const said = parseObject(cause);
  if (!said) {
    return { message: cause };
  }
  const inner = text(said.Cause);
  if (inner) {
    const innermost = readCause(inner);
    return { ...innermost, type: innermost.type ?? text(said.Error) };
  }
  const message = text(said.errorMessage) ?? text(said.message) ?? text(said.Message);
  return {
    message: message ?? cause,
    type: text(said.errorType) ?? text(said.Error),
    stack: stackOf(said.stackTrace ?? said.trace),
  };
}
