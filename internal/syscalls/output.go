package syscalls

// OutKind says how the length of an Output follows from the call.
type OutKind uint8

const (
	// OutFixed is Size bytes.
	OutFixed OutKind = iota + 1
	// OutResult is Scale bytes for each unit of min(result, args[LenArg]).
	// Calls that report a length larger than the buffer (MSG_TRUNC, getxattr
	// with size 0) are covered by the minimum.
	OutResult
	// OutArg is Scale bytes for each unit of args[LenArg].
	OutArg
	// OutPages is one byte for each page that args[LenArg] bytes touch.
	OutPages
	// OutFDSet is a set of args[LenArg] bits, in words of 8 bytes.
	OutFDSet
	// OutNodeMask is a set of args[LenArg]-1 bits, in words of 8 bytes: the
	// kernel's maxnode counts one too many (mm/mempolicy.c, get_nodes).
	OutNodeMask
	// OutValueResult is Scale bytes for each unit of min(before, after) of
	// the u32 that args[LenArg] points to. The word itself is another Output.
	OutValueResult
	// OutWord is as many bytes as the u32 at args[LenArg] says after the call.
	OutWord
	// OutTable is Size bytes, and Scale more for each unit of the u32 that
	// stands at Off in them after the call.
	OutTable
	// OutIovec fills the vector args[Arg] of args[LenArg] buffers with result
	// bytes in total.
	OutIovec
	// OutMsghdr is what recvmsg changes: buffers, name, control data and
	// three fields of struct msghdr.
	OutMsghdr
	// OutMmsghdr is an array of args[LenArg] struct mmsghdr, of which the
	// first result are changed like OutMsghdr.
	OutMmsghdr
	// OutMmsgLen is msg_len of the first result struct mmsghdr (sendmmsg).
	OutMmsgLen
	// OutIfconf is struct ifconf: its length word and the array it points to.
	OutIfconf
	// OutCloneArgs is what the pointers in struct clone_args receive.
	OutCloneArgs
	// OutXattrArgs is min(result, size) bytes at the value pointer of struct
	// xattr_args.
	OutXattrArgs
)

// Cond says for which results an Output is written.
type Cond uint8

const (
	CondSuccess  Cond = iota // no error
	CondPositive             // result > 0
	CondEINTR                // no error, or interrupted: EINTR and the kernel's internal ERESTART codes
	CondAlways               // whatever the result
)

// Output is memory that the kernel writes during a call. A null pointer means
// that the caller does not want it. An Output may cover bytes that the kernel
// leaves alone: logging them is harmless.
type Output struct {
	Arg    uint8 // index of the argument that points to it
	LenArg uint8
	Kind   OutKind
	Cond   Cond
	// Lax: the memory need not be there or be writable, since the kernel
	// ignores a failure to write it or the table covers more than is written.
	Lax bool
	// Len32: args[LenArg] is a 32-bit argument; the upper half of the
	// register is noise.
	Len32 bool
	// Sparse: the kernel leaves part of the bytes alone, even where the call
	// succeeds. What another thread stores there during the call stays.
	Sparse bool
	// InPlace: the address itself has a meaning, or the memory is read, too:
	// no other memory can stand in for it.
	InPlace bool
	Off     uint32 // from the pointer
	Size    uint32
	Scale   uint32
	IfArg   uint8 // with IfBits: written only if args[IfArg]&IfBits != 0
	IfBits  uint64
}

// chosen reports whether the arguments ask for the output at all.
func (o *Output) chosen(args *[6]uint64) bool {
	return o.IfBits == 0 || args[o.IfArg]&o.IfBits != 0
}

// overwritesLength reports whether the call changes what told it how much
// memory there is.
func (o *Output) overwritesLength() bool {
	return o.Kind == OutValueResult || o.Kind == OutMsghdr || o.Kind == OutMmsghdr
}
