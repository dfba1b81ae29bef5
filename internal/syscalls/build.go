package syscalls

import "syscall"

// The functions here keep the tables to one line for each call.

type rowFlag uint8

const (
	blocks rowFlag = 1 << iota
	slow           // needs the supervisor although its outputs are simple
)

// row makes a row of any class.
func row(nr int, name string, c Class, f rowFlag, out ...Output) Row {
	r := Row{NR: nr, Name: name, Class: c, Blocks: f&blocks != 0, Out: out}
	r.Fast = c == Data && f&slow == 0 && stubbable(out)
	return r
}

// data makes a row that only returns data.
func data(nr int, name string, out ...Output) Row { return row(nr, name, Data, 0, out...) }

// sleeps makes a Data row that may block.
func sleeps(nr int, name string, out ...Output) Row { return row(nr, name, Data, blocks, out...) }

// refused makes a row that is answered with errno instead of being executed.
func refused(nr int, name string, errno syscall.Errno, note string) Row {
	return Row{NR: nr, Name: name, Class: Refused, Errno: errno, Note: note}
}

// many makes a call whose argument cmdArg chooses among commands; c is the
// class of a command that is not among them.
func many(nr int, name string, c Class, cmdArg uint8, commands []Command) Row {
	return Row{NR: nr, Name: name, Class: c, CmdArg: cmdArg, CmdMask: 0xffffffff, Commands: commands}
}

// by adds commands that differ from what is said of the others.
func (r Row) by(cmdArg uint8, commands []Command) Row {
	r.CmdArg, r.CmdMask, r.Commands = cmdArg, 0xffffffff, commands
	return r
}

func (r Row) note(s string) Row {
	r.Note = s
	return r
}

// unless adds bits of an argument with which the call does not block.
func (r Row) unless(arg uint8, bits uint64) Row {
	return r.prompt(Match{arg, bits, bits})
}

// unlessZero is for an argument, or bits of it, that must be set for the call
// to block.
func (r Row) unlessZero(arg uint8, bits uint64) Row {
	return r.prompt(Match{arg, bits, 0})
}

func (r Row) prompt(m Match) Row {
	r.Prompt = append(r.Prompt, m)
	return r
}

// cmd makes a Data command.
func cmd(n uint64, name string, out ...Output) Command { return cmdAs(n, name, Data, out...) }

// cmdAs makes a command of any class.
func cmdAs(n uint64, name string, c Class, out ...Output) Command {
	return Command{Cmd: n, Name: name, Class: c, Out: out, Fast: c == Data && stubbable(out)}
}

func (c Command) sleeps() Command {
	c.Blocks = true
	return c
}

func (c Command) refuse(errno syscall.Errno, note string) Command {
	c.Class, c.Fast, c.Errno, c.Note = Refused, false, errno, note
	return c
}

func (c Command) note(s string) Command {
	c.Note = s
	return c
}

// stubbable reports whether a stub in the tracee can find and copy the outputs.
func stubbable(out []Output) bool {
	for _, o := range out {
		switch o.Kind {
		case OutFixed, OutResult, OutArg, OutIovec, OutFDSet, OutMsghdr, OutMmsghdr, OutMmsgLen:
		case OutValueResult:
			if o.Scale != 1 {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// fixed is size bytes at argument arg.
func fixed(arg uint8, size uint32) Output { return Output{Arg: arg, Kind: OutFixed, Size: size} }

// result is the result's number of bytes at arg, in a buffer of args[capArg].
func result(arg, capArg uint8) Output {
	return Output{Arg: arg, LenArg: capArg, Kind: OutResult, Scale: 1}
}

// results is like result for elements of scale bytes.
func results(arg, capArg uint8, scale uint32) Output {
	return Output{Arg: arg, LenArg: capArg, Kind: OutResult, Scale: scale}
}

// array is args[lenArg] elements of scale bytes.
func array(arg, lenArg uint8, scale uint32) Output {
	return Output{Arg: arg, LenArg: lenArg, Kind: OutArg, Scale: scale}
}

// valueResult is a buffer whose length stands in the word at args[lenArg].
func valueResult(arg, lenArg uint8) Output {
	return Output{Arg: arg, LenArg: lenArg, Kind: OutValueResult, Scale: 1}
}

// table is a structure of size bytes at arg with n elements of scale bytes
// behind it, n being the word at off in the structure.
func table(arg uint8, size, scale, off uint32) Output {
	return Output{Arg: arg, Kind: OutTable, Size: size, Scale: scale, Off: off}
}

func of(kind OutKind, arg, lenArg uint8) Output {
	return Output{Arg: arg, LenArg: lenArg, Kind: kind}
}

func (o Output) positive() Output { o.Cond = CondPositive; return o }
func (o Output) eintr() Output    { o.Cond = CondEINTR; return o }
func (o Output) always() Output   { o.Cond = CondAlways; return o }
func (o Output) lax() Output      { o.Lax = true; return o }
func (o Output) len32() Output    { o.Len32 = true; return o }
func (o Output) sparse() Output   { o.Sparse = true; return o }
func (o Output) inPlace() Output  { o.InPlace = true; return o }

func (o Output) at(off uint32) Output {
	o.Off = off
	return o
}

func (o Output) when(arg uint8, bits uint64) Output {
	o.IfArg, o.IfBits = arg, bits
	return o
}
