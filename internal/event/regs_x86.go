package event

// NumRegs is the number of registers in struct user_regs_struct of x86-64
// (arch/x86/include/asm/user_64.h).
const NumRegs = 27

// RegNames are the names of user_regs_struct's members, in its order.
var RegNames = [NumRegs]string{
	"r15", "r14", "r13", "r12", "rbp", "rbx", "r11", "r10", "r9", "r8",
	"rax", "rcx", "rdx", "rsi", "rdi", "orig_rax", "rip", "cs", "eflags",
	"rsp", "ss", "fs_base", "gs_base", "ds", "es", "fs", "gs",
}

// Places in user_regs_struct of the registers that one line has room for.
const (
	regRAX = 10
	regRIP = 16
	regRSP = 19
)

// SiginfoSize is sizeof(siginfo_t), SI_MAX_SIZE in asm-generic/siginfo.h.
const SiginfoSize = 128
