package test

import (
	"testing"
	"time"
)

// languages are those whose implementations have ways of their own: run-time
// compilers, garbage collectors that use page faults, threads of their own kind.
var languages = []realProgram{
	{name: "sbcl", argv: words("sbcl --script $DATA/languages/work.lisp"), full: true},
	{name: "ruby", argv: words("/usr/bin/ruby $DATA/languages/work.rb"), full: true},
	{name: "php-jit", argv: words("php -d opcache.enable_cli=1 -d opcache.jit_buffer_size=64M -d opcache.jit=tracing $DATA/languages/work.php"), full: true},
	{name: "guile", env: []string{"GUILE_AUTO_COMPILE=0"}, argv: words("guile $DATA/languages/work.scm"), full: true},
	{name: "luajit", argv: words("luajit $DATA/languages/work.lua"), full: true},
	{name: "swipl", argv: words("swipl -q $DATA/languages/work.pl"), full: true},
	{name: "chez", argv: words("chezscheme --script $DATA/languages/work.scm"), full: true},
	{name: "ocaml", argv: words("ocaml $DATA/languages/work.ml"), full: true},
	{name: "r", argv: words("Rscript $DATA/languages/work.R"), full: true},
	{name: "node", argv: words("node $DATA/languages/work.js"), full: true},
	{name: "java", argv: words("java -cp $SELF Work"), full: true, build: compiledJava("languages/work.java")},
	{name: "rust", argv: words("$SELF"), full: true, build: compiledRust("languages/threads.rs")},
	{name: "erlang", argv: words("escript $DATA/languages/work.escript"), full: true},
	{name: "tcl", argv: words("tclsh $DATA/languages/work.tcl"), full: true},
}

func TestLanguages(t *testing.T) { testSchedules(t, languages, 2*time.Minute) }
