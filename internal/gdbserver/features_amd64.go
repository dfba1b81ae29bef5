package gdbserver

import (
	"fmt"
	"strings"
)

// allFeatures lists gdb's standard features (gdb manual, "i386 Features") in
// the order that numbers the registers.
func allFeatures() []feature {
	return []feature{
		{name: "org.gnu.gdb.i386.core", needs: -1, types: coreTypes(), registers: coreRegisters()},
		{name: "org.gnu.gdb.i386.sse", needs: -1, types: sseTypes(), registers: sseRegisters()},
		{name: "org.gnu.gdb.i386.linux", needs: -1, registers: []register{
			word("orig_rax", 64, "int", "system", func(r *Registers) *uint64 { return &r.OrigRAX }),
		}},
		{name: "org.gnu.gdb.i386.segments", needs: -1, registers: []register{
			word("fs_base", 64, "int", "", func(r *Registers) *uint64 { return &r.FSBase }),
			word("gs_base", 64, "int", "", func(r *Registers) *uint64 { return &r.GSBase }),
		}},
		{name: "org.gnu.gdb.i386.avx", needs: xAVX, registers: run("ymm%dh", 0, 16, 128, "uint128", xAVX, 0, 16)},
		{name: "org.gnu.gdb.i386.avx512", needs: xZMMHi256, types: vec128() + vectorType("v2ui128", "uint128", 2), registers: avx512Registers()},
		{name: "org.gnu.gdb.i386.pkeys", needs: xPKRU, registers: run("pkru", 0, 1, 32, "uint32", xPKRU, 0, 0)},
	}
}

func word(name string, bits int, typ, group string, at func(*Registers) *uint64) register {
	return register{name: name, bits: bits, typ: typ, group: group, at: place{kind: inWord, word: at}}
}

// run makes the registers named by format and first, first+1, …, which lie in
// a component from offset on, one every stride bytes.
func run(format string, first, n, bits int, typ string, component, offset, stride int) []register {
	registers := make([]register, n)
	for i := range registers {
		name := format
		if strings.Contains(format, "%") {
			name = fmt.Sprintf(format, first+i)
		}
		registers[i] = register{name: name, bits: bits, typ: typ,
			at: place{kind: inComponent, component: component, offset: offset + i*stride}}
	}
	return registers
}

func coreRegisters() []register {
	var registers []register
	gprs := []string{"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "rsp", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15"}
	for i, name := range gprs {
		typ := "int64"
		if i == numRBP || i == numRSP {
			typ = "data_ptr"
		}
		registers = append(registers, word(name, 64, typ, "", func(r *Registers) *uint64 { return &r.GPR[i] }))
	}
	registers = append(registers,
		word("rip", 64, "code_ptr", "", func(r *Registers) *uint64 { return &r.RIP }),
		word("eflags", 32, "i386_eflags", "", func(r *Registers) *uint64 { return &r.EFLAGS }),
		word("cs", 32, "int32", "", func(r *Registers) *uint64 { return &r.CS }),
		word("ss", 32, "int32", "", func(r *Registers) *uint64 { return &r.SS }),
		word("ds", 32, "int32", "", func(r *Registers) *uint64 { return &r.DS }),
		word("es", 32, "int32", "", func(r *Registers) *uint64 { return &r.ES }),
		word("fs", 32, "int32", "", func(r *Registers) *uint64 { return &r.FS }),
		word("gs", 32, "int32", "", func(r *Registers) *uint64 { return &r.GS }),
	)
	registers = append(registers, run("st%d", 0, 8, 80, "i387_ext", xX87, 0, 16)...)
	for i, name := range []string{"fctrl", "fstat", "ftag", "fiseg", "fioff", "foseg", "fooff", "fop"} {
		registers = append(registers, register{name: name, bits: 32, typ: "int", group: "float",
			at: place{kind: inX87Control, control: x87Control(i)}})
	}
	return registers
}

func sseRegisters() []register {
	return append(run("xmm%d", 0, 16, 128, "vec128", xSSE, 0, 16),
		register{name: "mxcsr", bits: 32, typ: "i386_mxcsr", group: "vector", at: place{kind: inMXCSR}})
}

func avx512Registers() []register {
	var registers []register
	for _, r := range [][]register{
		run("k%d", 0, 8, 64, "uint64", xOpmask, 0, 8),
		run("zmm%dh", 0, 16, 256, "v2ui128", xZMMHi256, 0, 32),
		run("xmm%d", 16, 16, 128, "vec128", xHi16ZMM, 0, 64),
		run("ymm%dh", 16, 16, 128, "uint128", xHi16ZMM, 16, 64),
		run("zmm%dh", 16, 16, 256, "v2ui128", xHi16ZMM, 32, 64),
	} {
		registers = append(registers, r...)
	}
	return registers
}

// flagBit is a bit of a flags type.
type flagBit struct {
	name string
	bit  int
}

func flagsType(id string, flags []flagBit) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<flags id=%q size=\"4\">", id)
	for _, f := range flags {
		fmt.Fprintf(&b, "<field name=%q start=\"%d\" end=\"%d\"/>", f.name, f.bit, f.bit)
	}
	return b.String() + "</flags>\n"
}

func coreTypes() string {
	return flagsType("i386_eflags", []flagBit{
		{"CF", 0}, {"", 1}, {"PF", 2}, {"AF", 4}, {"ZF", 6}, {"SF", 7}, {"TF", 8},
		{"IF", 9}, {"DF", 10}, {"OF", 11}, {"NT", 14}, {"RF", 16}, {"VM", 17},
		{"AC", 18}, {"VIF", 19}, {"VIP", 20}, {"ID", 21},
	})
}

func sseTypes() string {
	return vec128() + flagsType("i386_mxcsr", []flagBit{
		{"IE", 0}, {"DE", 1}, {"ZE", 2}, {"OE", 3}, {"UE", 4}, {"PE", 5}, {"DAZ", 6},
		{"IM", 7}, {"DM", 8}, {"ZM", 9}, {"OM", 10}, {"UM", 11}, {"PM", 12}, {"FZ", 15},
	})
}

func vectorType(id, element string, count int) string {
	return fmt.Sprintf("<vector id=%q type=%q count=\"%d\"/>\n", id, element, count)
}

// vec128 is the type of an xmm register, with the field names that gdb's users know.
func vec128() string {
	fields := []struct {
		field, id, element string
		count              int
	}{
		{"v8_bfloat16", "v8bf16", "bfloat16", 8},
		{"v4_float", "v4f", "ieee_single", 4},
		{"v2_double", "v2d", "ieee_double", 2},
		{"v16_int8", "v16i8", "int8", 16},
		{"v8_int16", "v8i16", "int16", 8},
		{"v4_int32", "v4i32", "int32", 4},
		{"v2_int64", "v2i64", "int64", 2},
	}
	var vectors, union strings.Builder
	for _, f := range fields {
		vectors.WriteString(vectorType(f.id, f.element, f.count))
		fmt.Fprintf(&union, "<field name=%q type=%q/>", f.field, f.id)
	}
	return vectors.String() + "<union id=\"vec128\">" + union.String() + "<field name=\"uint128\" type=\"uint128\"/></union>\n"
}

// description is the target description (gdb manual, "Target Descriptions").
func (f *registerFile) description() string {
	var b strings.Builder
	b.WriteString("<?xml version=\"1.0\"?>\n<!DOCTYPE target SYSTEM \"gdb-target.dtd\">\n" +
		"<target>\n<architecture>i386:x86-64</architecture>\n<osabi>GNU/Linux</osabi>\n")
	for _, feature := range f.features {
		fmt.Fprintf(&b, "<feature name=%q>\n%s", feature.name, feature.types)
		for _, r := range feature.registers {
			fmt.Fprintf(&b, "<reg name=%q bitsize=\"%d\" type=%q", r.name, r.bits, r.typ)
			if r.group != "" {
				fmt.Fprintf(&b, " group=%q", r.group)
			}
			b.WriteString("/>\n")
		}
		b.WriteString("</feature>\n")
	}
	b.WriteString("</target>\n")
	return b.String()
}
