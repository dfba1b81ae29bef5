package engine

import "hindsight/internal/event"

// fields lists the registers in the order of user_regs_struct.
func fields(r *Regs) [event.NumRegs]*uint64 {
	return [event.NumRegs]*uint64{
		&r.R15, &r.R14, &r.R13, &r.R12, &r.Rbp, &r.Rbx, &r.R11, &r.R10, &r.R9, &r.R8,
		&r.Rax, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi, &r.Orig_rax, &r.Rip, &r.Cs, &r.Eflags,
		&r.Rsp, &r.Ss, &r.Fs_base, &r.Gs_base, &r.Ds, &r.Es, &r.Fs, &r.Gs,
	}
}

// PackRegs returns registers as events and snapshots hold them.
func PackRegs(r *Regs) (out [event.NumRegs]uint64) {
	for i, p := range fields(r) {
		out[i] = *p
	}
	return out
}

// UnpackRegs is the inverse of PackRegs.
func UnpackRegs(in *[event.NumRegs]uint64) (r Regs) {
	for i, p := range fields(&r) {
		*p = in[i]
	}
	return r
}
