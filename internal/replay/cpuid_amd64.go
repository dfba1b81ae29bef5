package replay

// xsaveOffset returns where the standard format has a component of the XSAVE
// area, on this CPU (SDM vol. 2, CPUID leaf 0DH).
func xsaveOffset(component uint32) uint32 {
	_, ebx, _, _ := cpuid(0xd, component)
	return ebx
}

// cpuid executes CPUID.
func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
