package gdbserver

import (
	"encoding/xml"
	"fmt"
	"strings"
	"syscall"
)

// listThreads returns the threads. gdb asks for them when it stops for its user,
// who then sees that the program has stopped, if not by an interrupt.
func (s *session) listThreads() []Thread {
	s.owed = false
	return s.target.Threads()
}

func threadsXML(threads []Thread) ([]byte, error) {
	type thread struct {
		ID   string `xml:"id,attr"`
		Name string `xml:"name,attr,omitempty"`
	}
	var list struct {
		XMLName xml.Name `xml:"threads"`
		Threads []thread `xml:"thread"`
	}
	for _, t := range threads {
		list.Threads = append(list.Threads, thread{fmt.Sprintf("%x", t.TID), t.Name})
	}
	out, err := xml.Marshal(list)
	if err != nil {
		return nil, fmt.Errorf("describe the threads: %w", err)
	}
	return out, nil
}

func (s *session) currentThread(string) (string, error) {
	return fmt.Sprintf("QC%x", s.target.Current()), nil
}

func (s *session) threadList(string) (string, error) {
	var ids []string
	for _, t := range s.listThreads() {
		ids = append(ids, fmt.Sprintf("%x", t.TID))
	}
	if len(ids) == 0 {
		return "l", nil
	}
	return "m" + strings.Join(ids, ","), nil
}

// thread finds a thread of the present moment.
func (s *session) thread(tid int) (Thread, bool) {
	for _, t := range s.target.Threads() {
		if t.TID == tid {
			return t, true
		}
	}
	return Thread{}, false
}

func (s *session) findThread(args string) (Thread, error) {
	tid, err := parseThread(args)
	if err != nil {
		return Thread{}, err
	}
	t, ok := s.thread(tid)
	if !ok {
		return Thread{}, syscall.ESRCH
	}
	return t, nil
}

func (s *session) threadName(args string) (string, error) {
	t, err := s.findThread(args)
	return fmt.Sprintf("%x", t.Name), err
}

func (s *session) threadAlive(args string) (string, error) {
	_, err := s.findThread(args)
	return "OK", err
}

// selectThread answers "g TID" and "c TID".
func (s *session) selectThread(args string) (string, error) {
	if args == "" {
		return "", errMalformed
	}
	tid, err := parseThread(args[1:])
	if err != nil {
		return "", err
	}
	if tid > anyThread {
		if _, ok := s.thread(tid); !ok {
			return "", syscall.ESRCH
		}
	}
	switch args[0] {
	case 'g':
		s.general = tid
	case 'c':
		s.running = tid
	default:
		return "", errUnsupported
	}
	return "OK", nil
}

// registerThread is the thread whose registers gdb means.
func (s *session) registerThread() int {
	if s.general > anyThread {
		return s.general
	}
	return s.target.Current()
}

// stepper is the thread that a step means which gdb sends for tid. If it names
// none, it means the one that its user looks at: gdb reads the memory at that
// thread's PC before a step backwards, and selects the thread for that.
func (s *session) stepper(tid int) int {
	if tid > anyThread {
		return tid
	}
	if tid = s.registerThread(); tid != s.target.Current() {
		if _, ok := s.thread(tid); !ok {
			return s.target.Current() // gone, or not yet there
		}
	}
	return tid
}
