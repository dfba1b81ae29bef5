package engine

import (
	"hindsight/internal/area"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// paths are the calls after which the supervisor looks at what the path has
// led to, if it may have led into /proc; and which argument that is.
var paths = map[int]uint8{
	2:   0, // open
	80:  0, // chdir
	85:  0, // creat
	257: 1, // openat
	437: 1, // openat2
}

// The first bytes of paths, as little-endian words.
const (
	wordSlashPro = 'o'<<24 | 'r'<<16 | 'p'<<8 | '/'
	wordProc     = 'c'<<24 | 'o'<<16 | 'r'<<8 | 'p'
)

// procPath leaves a successful call, whose result is in RAX, to the supervisor
// to be logged if its path begins with /pro or proc, or in a way that tells
// nothing: "//", "/.", or a relative one once the program is near /proc. Reading
// four bytes may go beyond the path: where that faults it is left, too.
func (g *stubGen) procPath(arg uint8) {
	relative, plain := g.NewLabel(), g.NewLabel()
	g.Test(x86.RAX, x86.RAX)
	g.Jcc(asm.CondS, plain)
	g.loadArg(x86.RCX, arg)
	g.MovLoad32(x86.RCX, asm.Base(x86.RCX, 0))
	for _, word := range [...]int32{wordSlashPro, wordProc} {
		g.AluImm32(asm.Cmp, x86.RCX, word)
		g.Jcc(asm.CondE, g.after)
	}
	g.MovzxB(x86.R11, x86.RCX)
	g.AluImm(asm.Cmp, x86.R11, '/')
	g.JccShort(asm.CondNE, relative)
	g.Shr(x86.RCX, 8)
	g.MovzxB(x86.RCX, x86.RCX)
	g.AluImm(asm.Cmp, x86.RCX, '/')
	g.Jcc(asm.CondE, g.after)
	g.AluImm(asm.Cmp, x86.RCX, '.')
	g.Jcc(asm.CondE, g.after)
	g.JmpShort(plain)
	g.Bind(relative)
	g.AluMemImm(asm.Cmp, asm.GS(area.NearProc), 0)
	g.Jcc(asm.CondNE, g.after)
	g.Bind(plain)
}
