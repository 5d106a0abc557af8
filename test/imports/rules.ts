/**
 * Who may import whom, one line a folder. A folder may import its own files and what its line names: folders, or one
 * file without its ending. A folder that has no line may not exist: whoever adds one decides here.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  // The innermost: pure, and known to all.
  'src/refund': [],
  // The edges never import one another; workers/ hands functions between them.
  'src/lianlian': ['src/refund'],
  'src/redis': [],
  'src/ledger': ['src/refund', 'src/redis'],
  'src/flows': ['src/refund'],
  'src/queue': ['src/refund', 'src/flows', 'src/redis'],
  'src/http': ['src/refund', 'src/flows'],
  'src/metrics': ['src/refund', 'src/flows', 'src/books/difference'],
  'src/tracing': [],
  'src/books': ['src/refund'],
  // What other programs are told, and the helper that reads it for them.
  'src/schemas': ['src/refund'],
  'src/consumer': ['src/refund', 'src/redis', 'src/schemas', 'src/queue/completion', 'src/queue/unreadable'],
  'src/simulator': [],
  'src/embedded': [],
  config: [],
  // Programs.
  'src/package': ['src'],
  'src/cli': ['src', 'config'],
  'src/demo': ['src', 'config'],
  workers: ['src', 'config'],
  bench: ['src', 'config', 'workers', 'test/support'],
  test: ['src', 'config', 'workers', 'bench', '.ci'],
}
