package translate
import ("testing";"math/rand/v2";"fmt")
func TestDbg(t *testing.T) {
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		code := randomProgram(rnd, 20+rnd.IntN(600))
		for mode := range 4 {
			tr := New(Options{Replay: mode&1 != 0, RTM: true})
			func() { defer func() { if e := recover(); e != nil {
				fmt.Println(seed, mode, e); for _, l := range tr.loops { fmt.Println(l.head,l.last,l.reg,l.offs); for i:=l.last-1;i<=l.head+1;i++ { n:=&tr.insts[i]; fmt.Printf("%x %d t=%x spec=%d % x\n", n.PC, n.Flow, n.Target, n.Spec, n.bytes[:n.Len]) } }; for _, f := range tr.loopFixes { fmt.Println(f.off, f.loop.head, f.loop.last, f.inst, len(f.loop.offs), len(tr.loops)) }; t.FailNow() } }()
			tr.Unit(&program{start: guestBase, code: code, checked: mode&2 != 0}, guestBase, hostBase) }()
		}
	}
}
