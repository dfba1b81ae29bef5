package gdbserver

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"syscall"
)

// still is a target that does not move by itself: each Resume ends with the
// next of its stops. It writes down what is asked of it.
type still struct {
	layout    XSaveLayout
	registers map[int]Registers
	memory    []byte // at 0x1000
	threads   []Thread
	current   int
	stops     []Stop
	scripted  bool // nobody will interrupt it

	saved   *still // what a diversion hides
	journal []string
}

func newStill(layout XSaveLayout) *still {
	s := &still{
		layout:    layout,
		registers: map[int]Registers{},
		memory:    []byte("some bytes } # $ * of memory"),
		threads:   []Thread{{0x4d, "main"}, {0x4e, "a<b"}, {0x4f, "worker"}},
		current:   0x4d,
	}
	for n, t := range s.threads {
		r := Registers{RIP: 0x1004 + 8*uint64(n), EFLAGS: 0x202, CS: 0x33, FSBase: 0x7000 + 0x1000*uint64(n), OrigRAX: ^uint64(0)}
		for i := range r.GPR {
			r.GPR[i] = uint64(0x100*(n+1) + i)
		}
		s.registers[t.TID] = r
	}
	return s
}

func (s *still) note(format string, args ...any) {
	s.journal = append(s.journal, fmt.Sprintf(format, args...))
}

func (s *still) PID() int                          { return 0x4d }
func (s *still) Threads() []Thread                 { return s.threads }
func (s *still) Current() int                      { return s.current }
func (s *still) XSave() XSaveLayout                { return s.layout }
func (s *still) Auxv() []byte                      { return make([]byte, 16) }
func (s *still) ExecFile() string                  { return "/recorded/still" }
func (s *still) SigInfo(tid int) ([]byte, error)   { return []byte{11, 0, 0, byte(tid)}, nil }
func (s *still) CatchSyscalls(all bool, nrs []int) { s.note("catch %v %v", all, nrs) }
func (s *still) InsertPoint(p Point) error         { s.note("insert %v", p); return nil }
func (s *still) RemovePoint(p Point) error         { s.note("remove %v", p); return nil }

func (s *still) Registers(tid int) (Registers, error) {
	r, ok := s.registers[tid]
	if !ok {
		return r, syscall.ESRCH
	}
	return r, nil
}

func (s *still) ReadMemory(addr uint64, p []byte) (int, error) {
	if addr < 0x1000 || addr >= 0x1000+uint64(len(s.memory)) {
		return 0, errors.New("not mapped")
	}
	return copy(p, s.memory[addr-0x1000:]), nil
}

func (s *still) Resume(r Resume, interrupt <-chan struct{}) (Stop, error) {
	s.note("%s", readableResume(r))
	if len(s.stops) == 0 {
		select {
		case <-interrupt:
		default:
			if s.scripted {
				return Stop{}, errors.New("nothing stops it")
			}
			<-interrupt
		}
		return Stop{Reason: StopInterrupt}, nil
	}
	stop := s.stops[0]
	s.stops = s.stops[1:]
	if stop.Signal < 0 {
		return Stop{}, errors.New("divergence")
	}
	if stop.TID != 0 {
		s.current = stop.TID
	}
	if stop.Reason == StopStep && stop.TID != 0 {
		registers := s.registers[stop.TID]
		registers.RIP++
		if r.Reverse {
			registers.RIP -= 2
		}
		s.registers[stop.TID] = registers
	}
	return stop, nil
}

func readableResume(r Resume) string {
	words := "resume"
	if r.Reverse {
		words += " backwards"
	}
	if r.Step {
		words += " step"
	}
	if r.TID != 0 {
		words += fmt.Sprintf(" thread %x", r.TID)
	}
	if r.RangeEnd != 0 {
		words += fmt.Sprintf(" in %x-%x", r.RangeStart, r.RangeEnd)
	}
	return words
}

func (s *still) Goto(where string, interrupt <-chan struct{}) error {
	s.note("goto %s", where)
	if where == "nowhere" {
		return errors.New("no such moment")
	}
	for _, t := range s.threads {
		if t.Name == where {
			s.current = t.TID
		}
	}
	if where == "forever" {
		<-interrupt
		return errors.New("interrupted")
	}
	return nil
}

func (s *still) BeginDiversion() error {
	s.note("begin diversion")
	s.saved = &still{registers: maps.Clone(s.registers), memory: slices.Clone(s.memory)}
	return nil
}

func (s *still) EndDiversion() error {
	s.note("end diversion")
	s.registers, s.memory, s.saved = s.saved.registers, s.saved.memory, nil
	return nil
}

func (s *still) WriteRegisters(tid int, r Registers) error {
	if s.saved == nil {
		return errors.New("not in a diversion")
	}
	s.note("write registers of %#x", tid)
	s.registers[tid] = r
	return nil
}

func (s *still) WriteMemory(addr uint64, p []byte) error {
	if s.saved == nil {
		return errors.New("not in a diversion")
	}
	if addr < 0x1000 || addr-0x1000 >= uint64(len(s.memory)) {
		return errors.New("not mapped")
	}
	s.note("write %q at %#x", p, addr)
	copy(s.memory[addr-0x1000:], p)
	return nil
}

func (s *still) OpenFile(path string) (io.ReaderAt, int64, error) {
	if path != s.ExecFile() {
		return nil, 0, os.ErrNotExist
	}
	contents := "contents with } and #"
	return strings.NewReader(contents), int64(len(contents)), nil
}

func (s *still) Monitor(cmd string, out io.Writer) error {
	if cmd != "when" {
		return errors.New("unknown")
	}
	fmt.Fprintln(out, "now")
	return nil
}

// pipe is a connection whose input is fixed.
type pipe struct {
	io.Reader
	out bytes.Buffer
}

func (p *pipe) Write(b []byte) (int, error) { return p.out.Write(b) }
func (p *pipe) Close() error                { return nil }
