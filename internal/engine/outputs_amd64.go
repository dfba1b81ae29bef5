package engine

import (
	"fmt"

	"hindsight/internal/area"
	"hindsight/internal/syscalls"
	"hindsight/internal/x86"
	"hindsight/internal/x86/asm"
)

// loadArg leaves syscall argument i in dst. RDI, RSI and RDX are in their
// save slots.
func (g *stubGen) loadArg(dst x86.Reg, i uint8) {
	if i < 3 {
		g.MovLoad(dst, asm.GS(area.Save(argRegs[i])))
	} else {
		g.Mov(dst, argRegs[i])
	}
}

// output logs one output of the syscall, the result being in RAX and the
// event's cursor in RDI. It may use RCX, RDX and RSI.
func (g *stubGen) output(o *syscalls.Output) {
	skip := g.NewLabel()
	g.condition(o.Cond, skip)
	if o.IfBits != 0 {
		g.loadArg(x86.RCX, o.IfArg)
		g.MovImm(x86.RDX, o.IfBits)
		g.Test(x86.RCX, x86.RDX)
		g.Jcc(asm.CondE, skip)
	}
	g.loadArg(x86.RSI, o.Arg)
	g.Test(x86.RSI, x86.RSI)
	g.Jcc(asm.CondE, skip)
	if o.Off != 0 {
		g.AluImm(asm.Add, x86.RSI, int32(o.Off))
	}
	switch o.Kind {
	case syscalls.OutIovec:
		g.loadLen(x86.RCX, o)
		g.Mov(x86.RDX, x86.RAX)
		g.spread()
	case syscalls.OutMsghdr:
		g.MovStore(asm.GS(headerAt), x86.RSI)
		g.Mov(x86.RDX, x86.RAX)
		g.message()
	case syscalls.OutMmsghdr, syscalls.OutMmsgLen:
		g.messages(o.Kind == syscalls.OutMmsghdr)
	case syscalls.OutFixed:
		g.copyFixed(o.Size)
	default:
		g.length(o)
		g.Test(x86.RCX, x86.RCX)
		g.Jcc(asm.CondE, skip)
		if o.Kind == syscalls.OutValueResult {
			g.withinPage()
		}
		g.copyOut()
	}
	g.Bind(skip)
}

// condition goes to skip where the result in RAX says that nothing has been
// written.
func (g *stubGen) condition(c syscalls.Cond, skip asm.Label) {
	g.Test(x86.RAX, x86.RAX)
	switch c {
	case syscalls.CondAlways:
	case syscalls.CondPositive:
		g.Jcc(asm.CondLE, skip)
	case syscalls.CondEINTR:
		written := g.NewLabel()
		g.JccShort(asm.CondNS, written)
		g.AluImm(asm.Cmp, x86.RAX, -eintr)
		g.Jcc(asm.CondNE, skip)
		g.Bind(written)
	default:
		g.Jcc(asm.CondS, skip)
	}
}

// length leaves the number of bytes of o in RCX.
func (g *stubGen) length(o *syscalls.Output) {
	switch o.Kind {
	case syscalls.OutFixed:
		g.MovImm32(x86.RCX, o.Size)
	case syscalls.OutResult:
		g.loadLen(x86.RCX, o)
		g.atMost(x86.RCX, x86.RAX)
		g.scale(x86.RCX, o.Scale)
	case syscalls.OutArg:
		g.loadLen(x86.RCX, o)
		g.scale(x86.RCX, o.Scale)
	case syscalls.OutFDSet:
		g.loadLen(x86.RCX, o)
		g.AluImm(asm.Add, x86.RCX, 63)
		g.Shr(x86.RCX, 6)
		g.Shl(x86.RCX, 3)
	case syscalls.OutValueResult:
		g.loadArg(x86.RCX, o.LenArg)
		g.MovLoad32(x86.RCX, asm.Base(x86.RCX, 0))
	default:
		panic(fmt.Sprintf("engine: output kind %d in a stub", o.Kind))
	}
}

// loadLen leaves the argument that tells o's length in dst.
func (g *stubGen) loadLen(dst x86.Reg, o *syscalls.Output) {
	g.loadArg(dst, o.LenArg)
	if o.Len32 {
		g.Mov32(dst, dst)
	}
}

// atMost makes r the smaller of r and limit, without sign.
func (g *stubGen) atMost(r, limit x86.Reg) {
	fits := g.NewLabel()
	g.Alu(asm.Cmp, r, limit)
	g.JccShort(asm.CondBE, fits)
	g.Mov(r, limit)
	g.Bind(fits)
}

// scale multiplies r, one of the first eight registers.
func (g *stubGen) scale(r x86.Reg, by uint32) {
	if by > 1 {
		g.Raw(0x48, 0x69, 0xc0|byte(r)<<3|byte(r)) // imul r, r, imm32
		g.Raw(byte(by), byte(by>>8), byte(by>>16), byte(by>>24))
	}
}

// copyOut appends a memory write of the RCX bytes at RSI, RCX not 0.
func (g *stubGen) copyOut() {
	g.Lea(x86.RDX, asm.Mem{Base: x86.RDI, Index: x86.RCX, Scale: 1, Disp: 32})
	g.AluLoad(asm.Cmp, x86.RDX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondA, g.after)
	g.MovStore(asm.Base(x86.RDI, 0), x86.RSI)
	g.MovStore(asm.Base(x86.RDI, 8), x86.RCX)
	g.Lea(x86.RDI, asm.Base(x86.RDI, 16))
	// Zero padding: the last word first.
	g.Lea(x86.RDX, asm.Base(x86.RCX, -1))
	g.AluImm(asm.And, x86.RDX, -8)
	g.MovStoreImm32(asm.Mem{Base: x86.RDI, Index: x86.RDX, Scale: 1}, 0)
	g.RepMovsb()
	g.AluImm(asm.Add, x86.RDI, 7)
	g.AluImm(asm.And, x86.RDI, -8)
}

// copyFixed is copyOut for size bytes. REP MOVS takes longer to start than to
// copy a structure of a few words.
func (g *stubGen) copyFixed(size uint32) {
	const words = 8
	if size > 8*words || size%8 != 0 && size%8 != 4 {
		g.MovImm32(x86.RCX, size)
		g.copyOut()
		return
	}
	g.Lea(x86.RDX, asm.Base(x86.RDI, int32(size)+32))
	g.AluLoad(asm.Cmp, x86.RDX, asm.GS(area.LogEnd))
	g.Jcc(asm.CondA, g.after)
	g.MovStore(asm.Base(x86.RDI, 0), x86.RSI)
	g.MovStoreImm32(asm.Base(x86.RDI, 8), int32(size))
	g.AluImm(asm.Add, x86.RDI, 16)
	for off := uint32(0); off < size; off += 8 {
		if size-off < 8 {
			g.MovLoad32(x86.RDX, asm.Base(x86.RSI, int32(off)))
		} else {
			g.MovLoad(x86.RDX, asm.Base(x86.RSI, int32(off)))
		}
		g.MovStore(asm.Base(x86.RDI, int32(off)), x86.RDX)
	}
	g.AluImm(asm.Add, x86.RDI, int32(size+7)&^7)
}

// withinPage leaves the call to the supervisor where the RCX bytes at RSI are
// in two pages. The kernel tells how long an address or option is, which may
// be more than the program had room for (accept(2)): what we log too much
// must at least be memory like the rest.
func (g *stubGen) withinPage() {
	g.Lea(x86.RDX, asm.Mem{Base: x86.RSI, Index: x86.RCX, Scale: 1, Disp: -1})
	g.Alu(asm.Xor, x86.RDX, x86.RSI)
	g.AluImm(asm.And, x86.RDX, -pageSize)
	g.Jcc(asm.CondNE, g.after)
}

// The words of the thread area that the loops over vectors and messages keep.
const (
	vectorAt   = area.Scratch + 8*iota // the next buffer's entry
	vectorLeft                         // entries
	bytesLeft
	headerAt     // the message's header
	messagesLeft // with this one
)

// spread appends a memory write for each of the RCX buffers in the vector at
// RSI that RDX bytes reach. A datagram may have been longer than all of them
// (MSG_TRUNC).
func (g *stubGen) spread() {
	loop, end, part := g.NewLabel(), g.NewLabel(), g.NewLabel()
	g.MovStore(asm.GS(vectorAt), x86.RSI)
	g.MovStore(asm.GS(vectorLeft), x86.RCX)
	g.MovStore(asm.GS(bytesLeft), x86.RDX)
	g.Bind(loop)
	g.MovLoad(x86.RAX, asm.GS(bytesLeft))
	g.Test(x86.RAX, x86.RAX)
	g.Jcc(asm.CondLE, end)
	g.countDown(vectorLeft)
	g.Jcc(asm.CondS, end)
	g.MovLoad(x86.RDX, asm.GS(vectorAt))
	g.MovLoad(x86.RSI, asm.Base(x86.RDX, 0))
	g.MovLoad(x86.RCX, asm.Base(x86.RDX, 8))
	g.AluImm(asm.Add, x86.RDX, 16)
	g.MovStore(asm.GS(vectorAt), x86.RDX)
	g.Alu(asm.Cmp, x86.RCX, x86.RAX)
	g.JccShort(asm.CondBE, part)
	g.Mov(x86.RCX, x86.RAX)
	g.Bind(part)
	g.Alu(asm.Sub, x86.RAX, x86.RCX)
	g.MovStore(asm.GS(bytesLeft), x86.RAX)
	g.Test(x86.RCX, x86.RCX)
	g.Jcc(asm.CondE, loop)
	g.copyOut()
	g.Jmp(loop)
	g.Bind(end)
	g.MovLoad(x86.RAX, asm.GS(area.Result))
}

// countDown subtracts one from a word of the thread area, and leaves the
// flags of that. It uses RCX.
func (g *stubGen) countDown(word int32) {
	g.MovLoad(x86.RCX, asm.GS(word))
	g.AluImm(asm.Sub, x86.RCX, 1)
	g.MovStore(asm.GS(word), x86.RCX)
}

// Layout of struct msghdr and struct mmsghdr (recvmsg(2), recvmmsg(2)).
const (
	msgName       = 0
	msgNamelen    = 8
	msgIov        = 16
	msgIovlen     = 24
	msgControl    = 32
	msgControllen = 40
	msgFlags      = 48
	mmsgLen       = 56
	mmsgSize      = 64

	sockaddrSize = 128 // struct sockaddr_storage, the longest name
)

// message appends what recvmsg has written for the header at headerAt, with
// RDX bytes of data.
func (g *stubGen) message() {
	g.MovLoad(x86.RCX, asm.GS(headerAt))
	g.MovLoad(x86.RSI, asm.Base(x86.RCX, msgIov))
	g.MovLoad(x86.RCX, asm.Base(x86.RCX, msgIovlen))
	g.spread()

	g.pointed(msgName, func(header x86.Reg) {
		g.MovLoad32(x86.RCX, asm.Base(header, msgNamelen))
		g.MovImm32(x86.RDX, sockaddrSize)
		g.atMost(x86.RCX, x86.RDX)
	})
	g.pointed(msgControl, func(header x86.Reg) {
		g.MovLoad(x86.RCX, asm.Base(header, msgControllen))
	})
	g.headerField(msgNamelen, 4)
	g.headerField(msgControllen, msgFlags+4-msgControllen)
}

// pointed appends the memory that a field of the header points to; length
// leaves its size in RCX.
func (g *stubGen) pointed(field int32, length func(header x86.Reg)) {
	none := g.NewLabel()
	g.MovLoad(x86.RDX, asm.GS(headerAt))
	g.MovLoad(x86.RSI, asm.Base(x86.RDX, field))
	g.Test(x86.RSI, x86.RSI)
	g.Jcc(asm.CondE, none)
	length(x86.RDX)
	g.Test(x86.RCX, x86.RCX)
	g.Jcc(asm.CondE, none)
	if field == msgName {
		g.withinPage()
	}
	g.copyOut()
	g.Bind(none)
}

// headerField appends n bytes of the header itself.
func (g *stubGen) headerField(field int32, n uint32) {
	g.MovLoad(x86.RSI, asm.GS(headerAt))
	g.AluImm(asm.Add, x86.RSI, field)
	g.MovImm32(x86.RCX, n)
	g.copyOut()
}

// messages appends what recvmmsg, or else sendmmsg, has written for the RAX
// messages of the array at RSI.
func (g *stubGen) messages(received bool) {
	loop, end := g.NewLabel(), g.NewLabel()
	g.MovStore(asm.GS(headerAt), x86.RSI)
	g.MovStore(asm.GS(messagesLeft), x86.RAX)
	g.Bind(loop)
	g.countDown(messagesLeft)
	g.Jcc(asm.CondS, end)
	if received {
		g.MovLoad(x86.RDX, asm.GS(headerAt))
		g.MovLoad32(x86.RDX, asm.Base(x86.RDX, mmsgLen))
		g.message()
	}
	g.headerField(mmsgLen, 4)
	g.MovLoad(x86.RCX, asm.GS(headerAt))
	g.AluImm(asm.Add, x86.RCX, mmsgSize)
	g.MovStore(asm.GS(headerAt), x86.RCX)
	g.Jmp(loop)
	g.Bind(end)
}
