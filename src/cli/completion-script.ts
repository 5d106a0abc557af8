/** What can stand after one command. */
export interface CommandWords {
  readonly name: string
  readonly summary: string
  readonly options: readonly string[]
  /** its own commands */
  readonly words: readonly string[]
  /** by option: what may follow it */
  readonly values: ReadonlyMap<string, readonly string[]>
}

/** Both scripts ask one shell function for the words that may follow; files come where nothing is known. */
export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# bash completion of refundctl
${wordsFunction(commands)}
_refundctl() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=
  [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]}
  COMPREPLY=($(compgen -W "$(_refundctl_words "$command" "$previous")" -- "$current"))
}
complete -o default -F _refundctl refundctl
`
}

export function zshCompletion(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(':', ' ')}`)}`)
  return `#compdef refundctl
${wordsFunction(commands)}
_refundctl() {
  local -a commands
  commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local -a found
  found=(\${=$(_refundctl_words "\${words[2]}" "\${words[CURRENT-1]}")})
  compadd -a found || _files
}
if [ "\${funcstack[1]}" = _refundctl ]; then _refundctl "$@"; else compdef _refundctl refundctl; fi
`
}

/** `_refundctl_words COMMAND PREVIOUS` prints what may follow. */
function wordsFunction(commands: readonly CommandWords[]): string {
  const cases = commands.flatMap(({ name, values, options, words }) => [
    ...[...values].map(([flag, choices]) => `    ${name}' '${flag}) echo ${quoted(choices.join(' '))} ;;`),
    `    ${name}' '*) echo ${quoted([...words, ...options].join(' '))} ;;`,
  ])
  return `_refundctl_words() {
  case "$1 $2" in
${cases.join('\n')}
    *) echo ${quoted(commands.map(({ name }) => name).join(' '))} ;;
  esac
}`
}

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
