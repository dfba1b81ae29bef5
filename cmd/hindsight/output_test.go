package main

import "testing"

func TestShellLine(t *testing.T) {
	for _, c := range []struct {
		argv []string
		want string
	}{
		{[]string{"ls", "-la", "/a_b:c@d"}, "ls -la /a_b:c@d"},
		{[]string{"sh", "-c", "echo $HOME"}, "sh -c 'echo $HOME'"},
		{[]string{"echo", "", "it's"}, `echo '' 'it'\''s'`},
		{[]string{"printf", "a\nb'\"\x01"}, `printf $'a\nb\'"\x01'`},
		{[]string{"~", "a=b", "*"}, `'~' a=b '*'`},
		{[]string{"grün"}, "'grün'"},
	} {
		if got := shellLine(c.argv); got != c.want {
			t.Errorf("shellLine(%q) = %s, want %s", c.argv, got, c.want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB",
		1 << 20: "1.0 MiB", 5 << 30: "5.0 GiB", 1<<63 - 1: "8.0 EiB",
	} {
		if got := size(n); got != want {
			t.Errorf("size(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[uint64]string{
		0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", 1<<64 - 1: "18,446,744,073,709,551,615",
	} {
		if got := grouped(n); got != want {
			t.Errorf("grouped(%d) = %s, want %s", n, got, want)
		}
	}
}

func TestMoment(t *testing.T) {
	for s, want := range map[string]bool{
		"start": true, "end": true, "50%": true, "12.5%": true, "4711": true, "4711:0x401000": true, "4711:401000": true,
		"": false, "%": false, "-1": false, "noon": false, "4711:": false, "4711:xyz": false, "end ": false, "monitor end": false,
	} {
		if got := moment.MatchString(s); got != want {
			t.Errorf("moment %q: %v, want %v", s, got, want)
		}
	}
}
