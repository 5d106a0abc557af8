// Part of the build: puts what the compiler leaves behind beside the compiled code, which reads it from there
// (`new URL('./commit.lua', import.meta.url)`).
import { cpSync, globSync } from 'node:fs'

for (const file of globSync('src/**/*.lua')) cpSync(file, `dist/${file}`)
