import { Project, ts } from 'ts-morph'

/** What TypeScript 5.9 has to say about a project: the copy of the compiler that ts-morph carries, with its own libraries. */
export function faultsOfTypeScript59(tsConfigFilePath: string): string {
  if (!ts.version.startsWith('5.9.')) throw new Error(`ts-morph carries TypeScript ${ts.version}`)
  const project = new Project({ tsConfigFilePath })
  const libraries = project.getProgram().compilerObject
  const options = project.getCompilerOptions()
  const host = ts.createCompilerHost(options)
  // ts-morph's own host does not tell .mts from .cts; the compiler's does, but has no libraries on disk
  const { getSourceFile } = host
  host.getSourceFile = (file, how, ...rest) => {
    return getSourceFile(file, how, ...rest) ?? libraries.getSourceFile(file)
  }
  host.getDefaultLibLocation = () => '/node_modules/typescript/lib'
  host.getDefaultLibFileName = () => `/node_modules/typescript/lib/${ts.getDefaultLibFileName(options)}`
  const program = ts.createProgram({
    rootNames: project.getSourceFiles().map((file) => file.getFilePath()),
    options,
    host,
  })
  // ours and the project's: other packages' declarations are their makers' matter, and take most of the time
  const files = program.getSourceFiles().filter(({ fileName }) => {
    return fileName.includes('/lianlian-refund-worker/') || !fileName.includes('/node_modules/')
  })
  const found = files.flatMap((file) => ts.getPreEmitDiagnostics(program, file))
  return ts.formatDiagnostics(found, host)
}
