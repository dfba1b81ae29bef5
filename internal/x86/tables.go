package x86

// page holds one map's attributes by prefix (none, 66, F3, F2) and opcode.
type page [4][256]attr

// The tables that Decode reads, filled from the rows.
var (
	oneByteTable [256]attr
	legacyTables [4]page // by map; 0 is unused
	vexTables    [4]page // maps 1-3
	evexTables   [8]page // maps 1-3, 5, 6
	xopTables    [3][256]attr
)

func init() {
	fill(&oneByteTable, aluRows())
	fill(&oneByteTable, oneByte)
	for pp := range legacyTables[1] {
		fill(&legacyTables[1][pp], twoByte)
	}
	fillSIMD(1, simd0F, 0)
	fillSIMD(2, simd38, 0)
	fillSIMD(3, simd3A, iU)
	fillSIMD(5, evex5, 0)
	fillSIMD(6, evex6, 0)
	for i, rows := range [][]row{xop8, xop9, xopA} {
		fill(&xopTables[i], rows)
	}
}

func fill(t *[256]attr, rows []row) {
	for _, r := range rows {
		for i := range max(r.n, 1) {
			t[r.op+i] = r.a | ok
		}
	}
}

// fillSIMD enters rows into the tables of their encodings, with common added.
func fillSIMD(opMap int, rows []vrow, common attr) {
	for _, r := range rows {
		for pp := range 4 {
			if r.pp>>pp&1 == 0 {
				continue
			}
			for op := int(r.op); op < int(r.op)+int(max(r.n, 1)); op++ {
				a := r.a | common | ok
				if r.enc&lg != 0 {
					legacyTables[opMap][pp][op] = a
				}
				if r.enc&vx != 0 {
					vexTables[opMap][pp][op] = a
				}
				if r.enc&ev != 0 {
					evexTables[opMap][pp][op] = a
				}
			}
		}
	}
}
