package gdbserver

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxOpenFiles bounds what a gdb that never closes can make us keep.
const maxOpenFiles = 256

// fileError is an errno of the File-I/O protocol (gdb manual, "Errno Values").
type fileError int

const (
	fileENOENT  fileError = 2
	fileEACCES  fileError = 13
	fileEBADF   fileError = 9
	fileEINVAL  fileError = 22
	fileEMFILE  fileError = 24
	fileEROFS   fileError = 30
	fileUnknown fileError = 9999
)

func (e fileError) Error() string { return fmt.Sprintf("file error %d", int(e)) }

func fileErrorOf(err error) fileError {
	var e fileError
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, fs.ErrNotExist):
		return fileENOENT
	case errors.Is(err, fs.ErrPermission):
		return fileEACCES
	case errors.Is(err, errMalformed):
		return fileEINVAL
	}
	return fileUnknown
}

// openFile is a file of the recording that gdb reads.
type openFile struct {
	contents io.ReaderAt
	size     int64
}

func (f openFile) close() {
	if c, ok := f.contents.(io.Closer); ok {
		c.Close() // it was only read: nothing can be lost
	}
}

// openFiles are the files that gdb has open.
type openFiles struct {
	open map[uint64]openFile
	next uint64
}

func (o *openFiles) closeAll() {
	for _, f := range o.open {
		f.close()
	}
	o.open = nil
}

func (o *openFiles) add(f openFile) (fd uint64, err error) {
	if len(o.open) >= maxOpenFiles {
		f.close()
		return 0, fileEMFILE
	}
	if o.open == nil {
		o.open = map[uint64]openFile{}
	}
	fd = o.next
	o.next++
	o.open[fd] = f
	return fd, nil
}

func (o *openFiles) get(fd uint64) (openFile, error) {
	f, ok := o.open[fd]
	if !ok {
		return openFile{}, fileEBADF
	}
	return f, nil
}

// fileOperations are the vFile packets. Each returns the number that the
// operation returns, and what follows it.
var fileOperations = map[string]func(s *session, args string) (n uint64, attachment []byte, err error){
	"setfs":    func(*session, string) (uint64, []byte, error) { return 0, nil, nil }, // a recording has one
	"open":     (*session).fileOpen,
	"pread":    (*session).fileRead,
	"fstat":    (*session).fileStat,
	"close":    (*session).fileClose,
	"readlink": func(*session, string) (uint64, []byte, error) { return 0, nil, fileEINVAL }, // OpenFile follows links
	"pwrite":   readOnly,
	"unlink":   readOnly,
}

func readOnly(*session, string) (uint64, []byte, error) { return 0, nil, fileEROFS }

func (s *session) vFile(args string) (string, error) {
	name, rest, _ := strings.Cut(args, ":")
	operation, ok := fileOperations[name]
	if !ok {
		return "", errUnsupported
	}
	n, attachment, err := operation(s, rest)
	if err != nil {
		return fmt.Sprintf("F-1,%x", int(fileErrorOf(err))), nil
	}
	if attachment == nil {
		return fmt.Sprintf("F%x", n), nil
	}
	return fmt.Sprintf("F%x;%s", n, escape(attachment)), nil
}

// fileOpen takes "PATH,FLAGS,MODE".
func (s *session) fileOpen(args string) (uint64, []byte, error) {
	path, rest, _ := strings.Cut(args, ",")
	name, err := parseHexBytes(path)
	if err != nil {
		return 0, nil, err
	}
	numbers, err := parseHexes(rest, 2)
	if err != nil {
		return 0, nil, err
	}
	if numbers[0] != 0 { // anything but O_RDONLY
		return 0, nil, fileEROFS
	}
	contents, size, err := s.target.OpenFile(string(name))
	if err != nil {
		return 0, nil, err
	}
	fd, err := s.files.add(openFile{contents, max(size, 0)})
	return fd, nil, err
}

// fileRead takes "FD,COUNT,OFFSET".
func (s *session) fileRead(args string) (uint64, []byte, error) {
	numbers, err := parseHexes(args, 3)
	if err != nil {
		return 0, nil, err
	}
	f, err := s.files.get(numbers[0])
	if err != nil {
		return 0, nil, err
	}
	offset := numbers[2]
	if offset >= uint64(f.size) {
		return 0, []byte{}, nil
	}
	const most = (packetSize - 32) / 2 // escaping may double it
	p := make([]byte, min(numbers[1], most, uint64(f.size)-offset))
	n, err := f.contents.ReadAt(p, int64(offset))
	if err != nil && !(errors.Is(err, io.EOF) && n > 0) {
		return 0, nil, err
	}
	return uint64(n), p[:n], nil
}

func (s *session) fileStat(args string) (uint64, []byte, error) {
	fd, err := parseHex(args)
	if err != nil {
		return 0, nil, err
	}
	f, err := s.files.get(fd)
	if err != nil {
		return 0, nil, err
	}
	st := f.stat()
	return uint64(len(st)), st, nil
}

// stat encodes the protocol's struct stat (gdb manual, "struct stat").
func (f openFile) stat() []byte {
	const (
		regularReadable = 0o100444
		blockSize       = 512
	)
	st := make([]byte, 0, 64)
	for _, word := range []uint32{0, 0, regularReadable, 1, 0, 0, 0} { // dev ino mode nlink uid gid rdev
		st = binary.BigEndian.AppendUint32(st, word)
	}
	size := uint64(f.size)
	for _, long := range []uint64{size, blockSize, (size + blockSize - 1) / blockSize} {
		st = binary.BigEndian.AppendUint64(st, long)
	}
	return append(st, make([]byte, 12)...) // atime mtime ctime
}

func (s *session) fileClose(args string) (uint64, []byte, error) {
	fd, err := parseHex(args)
	if err != nil {
		return 0, nil, err
	}
	f, err := s.files.get(fd)
	if err != nil {
		return 0, nil, err
	}
	f.close()
	delete(s.files.open, fd)
	return 0, nil, nil
}
