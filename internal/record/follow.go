package record

import (
	"fmt"
	"path"
	"strings"
)

// Follow says which processes of a tree are recorded; the others run
// natively. The zero value records all.
type Follow struct {
	which followed
	glob  string
}

type followed uint8

const (
	followAll followed = iota
	followParent
	followChild
	followGlob
)

var followNames = map[string]followed{"all": followAll, "parent": followParent, "child": followChild}

// ParseFollow reads all, parent (only the root), child (all but the root) or
// a pattern of path.Match for programs.
func ParseFollow(s string) (Follow, error) {
	if which, ok := followNames[s]; ok {
		return Follow{which: which}, nil
	}
	if s == "" {
		return Follow{}, fmt.Errorf("which processes to follow is all, parent, child or a pattern for programs")
	}
	if _, err := path.Match(s, ""); err != nil {
		return Follow{}, fmt.Errorf("%s is no pattern for programs: %w", s, err)
	}
	return Follow{followGlob, s}, nil
}

// Match reports whether a process is recorded that executes exe, the
// absolute path of a program. A pattern with a slash is for that path, one
// without for its last element or that of argv[0], as busybox's users know
// their programs by.
func (f Follow) Match(exe string, argv []string, isRoot bool) bool {
	switch f.which {
	case followParent:
		return isRoot
	case followChild:
		return !isRoot
	case followGlob:
		if strings.Contains(f.glob, "/") {
			return f.matches(exe)
		}
		return f.matches(path.Base(exe)) || len(argv) > 0 && f.matches(path.Base(argv[0]))
	}
	return true
}

func (f Follow) matches(name string) bool {
	// ParseFollow has seen that the pattern is well-formed.
	ok, _ := path.Match(f.glob, name)
	return ok
}

// All reports whether every process is recorded.
func (f Follow) All() bool { return f.which == followAll }

// children reports whether any process but the root may be recorded.
func (f Follow) children() bool { return f.which != followParent }

// String, Set and Type make it an option of the command line.
func (f Follow) String() string {
	for name, which := range followNames {
		if which == f.which {
			return name
		}
	}
	return f.glob
}

// Set is ParseFollow.
func (f *Follow) Set(s string) (err error) {
	*f, err = ParseFollow(s)
	return err
}

// Type names what the option takes.
func (f *Follow) Type() string { return "WHICH" }
