package syscalls

// ptraceCommands (include/uapi/linux/ptrace.h): argument 3 is the pointer. The
// rest goes to write tracking, for the iovec of GETREGSET and the like.
var ptraceCommands = supervised(
	cmd(0, "PTRACE_TRACEME").note("EPERM: the recorder traces already"),
	cmd(1, "PTRACE_PEEKTEXT", fixed(3, 8)),
	cmd(2, "PTRACE_PEEKDATA", fixed(3, 8)),
	cmd(3, "PTRACE_PEEKUSR", fixed(3, 8)),
	cmd(4, "PTRACE_POKETEXT"),
	cmd(5, "PTRACE_POKEDATA"),
	cmd(6, "PTRACE_POKEUSR"),
	cmd(7, "PTRACE_CONT"),
	cmd(8, "PTRACE_KILL"),
	cmd(9, "PTRACE_SINGLESTEP"),
	cmd(12, "PTRACE_GETREGS", fixed(3, 216)),
	cmd(13, "PTRACE_SETREGS"),
	cmd(14, "PTRACE_GETFPREGS", fixed(3, 512)),
	cmd(15, "PTRACE_SETFPREGS"),
	cmd(16, "PTRACE_ATTACH"),
	cmd(17, "PTRACE_DETACH"),
	cmd(24, "PTRACE_SYSCALL"),
	cmd(25, "PTRACE_GET_THREAD_AREA", fixed(3, 16)),
	cmd(26, "PTRACE_SET_THREAD_AREA"),
	cmd(30, "PTRACE_ARCH_PRCTL", fixed(2, 8).lax()),
	cmd(31, "PTRACE_SYSEMU"),
	cmd(32, "PTRACE_SYSEMU_SINGLESTEP"),
	cmd(33, "PTRACE_SINGLEBLOCK"),
	cmd(0x4200, "PTRACE_SETOPTIONS"),
	cmd(0x4201, "PTRACE_GETEVENTMSG", fixed(3, 8)),
	cmd(0x4202, "PTRACE_GETSIGINFO", fixed(3, 128)),
	cmd(0x4203, "PTRACE_SETSIGINFO"),
	cmd(0x4205, "PTRACE_SETREGSET"),
	cmd(0x4206, "PTRACE_SEIZE"),
	cmd(0x4207, "PTRACE_INTERRUPT"),
	cmd(0x4208, "PTRACE_LISTEN"),
	cmd(0x420a, "PTRACE_GETSIGMASK", array(3, 2, 1)),
	cmd(0x420b, "PTRACE_SETSIGMASK"),
	// struct ptrace_rseq_configuration and ptrace_sud_config: the size is
	// the whole structure's, or the call fails.
	cmd(0x420d, "PTRACE_SECCOMP_GET_METADATA", array(3, 2, 1)),
	cmd(0x420f, "PTRACE_GET_RSEQ_CONFIGURATION", array(3, 2, 1)),
	cmd(0x4210, "PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG"),
	cmd(0x4211, "PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG", array(3, 2, 1)),
	cmd(0x4212, "PTRACE_SET_SYSCALL_INFO"),
	// The result is the length of the whole structure, whatever fitted.
	cmd(0x420e, "PTRACE_GET_SYSCALL_INFO", result(3, 2)),
)

// seccompCommands (include/uapi/linux/seccomp.h).
var seccompCommands = []Command{
	cmdAs(0, "SECCOMP_SET_MODE_STRICT", Process),
	cmdAs(1, "SECCOMP_SET_MODE_FILTER", Process).note("the supervisor's own system calls must pass"),
	cmd(2, "SECCOMP_GET_ACTION_AVAIL"),
	cmd(3, "SECCOMP_GET_NOTIF_SIZES", fixed(2, 6)),
}

// keyctlCommands (include/uapi/linux/keyctl.h). What gives text or a payload
// returns its whole length, and writes as much as there is room for
// (security/keys/keyctl.c). For the operations of public keys the room stands
// in a structure: they are left to write tracking.
var keyctlCommands = supervised(
	cmd(0, "KEYCTL_GET_KEYRING_ID"),
	cmd(1, "KEYCTL_JOIN_SESSION_KEYRING"),
	cmd(2, "KEYCTL_UPDATE"),
	cmd(3, "KEYCTL_REVOKE"),
	cmd(4, "KEYCTL_CHOWN"),
	cmd(5, "KEYCTL_SETPERM"),
	cmd(6, "KEYCTL_DESCRIBE", result(2, 3)),
	cmd(7, "KEYCTL_CLEAR"),
	cmd(8, "KEYCTL_LINK"),
	cmd(9, "KEYCTL_UNLINK"),
	cmd(10, "KEYCTL_SEARCH"),
	cmd(11, "KEYCTL_READ", result(2, 3)),
	cmd(12, "KEYCTL_INSTANTIATE"),
	cmd(13, "KEYCTL_NEGATE"),
	cmd(14, "KEYCTL_SET_REQKEY_KEYRING"),
	cmd(15, "KEYCTL_SET_TIMEOUT"),
	cmd(16, "KEYCTL_ASSUME_AUTHORITY"),
	cmd(17, "KEYCTL_GET_SECURITY", result(2, 3)),
	cmd(18, "KEYCTL_SESSION_TO_PARENT"),
	cmd(19, "KEYCTL_REJECT"),
	cmd(20, "KEYCTL_INSTANTIATE_IOV"),
	cmd(21, "KEYCTL_INVALIDATE"),
	cmd(22, "KEYCTL_GET_PERSISTENT"),
	cmd(23, "KEYCTL_DH_COMPUTE", result(2, 3)),
	cmd(24, "KEYCTL_PKEY_QUERY", fixed(4, 56)),
	cmdAs(25, "KEYCTL_PKEY_ENCRYPT", Unmodelled),
	cmdAs(26, "KEYCTL_PKEY_DECRYPT", Unmodelled),
	cmdAs(27, "KEYCTL_PKEY_SIGN", Unmodelled),
	cmd(28, "KEYCTL_PKEY_VERIFY"),
	cmd(29, "KEYCTL_RESTRICT_KEYRING"),
	cmd(30, "KEYCTL_MOVE"),
	cmd(31, "KEYCTL_CAPABILITIES", array(1, 2, 1)),
	cmd(32, "KEYCTL_WATCH_KEY"),
)

// bpfCommands (enum bpf_cmd). The others fill memory that union bpf_attr
// points to, as large as a map's values or as a log: write tracking finds it.
var bpfCommands = supervised(
	cmd(2, "BPF_MAP_UPDATE_ELEM"),
	cmd(3, "BPF_MAP_DELETE_ELEM"),
	cmd(6, "BPF_OBJ_PIN"),
	cmd(7, "BPF_OBJ_GET"),
	cmd(8, "BPF_PROG_ATTACH"),
	cmd(9, "BPF_PROG_DETACH"),
	cmd(11, "BPF_PROG_GET_NEXT_ID", nextID),
	cmd(12, "BPF_MAP_GET_NEXT_ID", nextID),
	cmd(13, "BPF_PROG_GET_FD_BY_ID"),
	cmd(14, "BPF_MAP_GET_FD_BY_ID"),
	cmd(17, "BPF_RAW_TRACEPOINT_OPEN"),
	cmd(19, "BPF_BTF_GET_FD_BY_ID"),
	cmd(22, "BPF_MAP_FREEZE"),
	cmd(23, "BPF_BTF_GET_NEXT_ID", nextID),
	cmd(28, "BPF_LINK_CREATE"),
	cmd(29, "BPF_LINK_UPDATE"),
	cmd(30, "BPF_LINK_GET_FD_BY_ID"),
	cmd(31, "BPF_LINK_GET_NEXT_ID", nextID),
	cmd(32, "BPF_ENABLE_STATS"),
	cmd(33, "BPF_ITER_CREATE"),
	cmd(34, "BPF_LINK_DETACH"),
	cmd(35, "BPF_PROG_BIND_MAP"),
	cmd(36, "BPF_TOKEN_CREATE"),
)

// nextID is bpf_attr.next_id.
var nextID = fixed(1, 4).at(4)

// quotaCommands (include/uapi/linux/quota.h, dqblk_xfs.h): the command is
// above the 8 bits of the quota's type, and argument 3 the pointer.
var quotaCommands = supervised(
	cmd(0x800001<<8, "Q_SYNC"),
	cmd(0x800002<<8, "Q_QUOTAON"),
	cmd(0x800003<<8, "Q_QUOTAOFF"),
	cmd(0x800004<<8, "Q_GETFMT", fixed(3, 4)),
	cmd(0x800005<<8, "Q_GETINFO", fixed(3, 24)),
	cmd(0x800006<<8, "Q_SETINFO"),
	cmd(0x800007<<8, "Q_GETQUOTA", fixed(3, 72)),
	cmd(0x800008<<8, "Q_SETQUOTA"),
	cmd(0x800009<<8, "Q_GETNEXTQUOTA", fixed(3, 72)),
	cmd(0x5801<<8, "Q_XQUOTAON"),
	cmd(0x5802<<8, "Q_XQUOTAOFF"),
	cmd(0x5803<<8, "Q_XGETQUOTA", fixed(3, 112)),
	cmd(0x5804<<8, "Q_XSETQLIM"),
	cmd(0x5805<<8, "Q_XGETQSTAT", fixed(3, 80)),
	cmd(0x5806<<8, "Q_XQUOTARM"),
	cmd(0x5807<<8, "Q_XQUOTASYNC"),
	cmd(0x5808<<8, "Q_XGETQSTATV", fixed(3, 160)),
	cmd(0x5809<<8, "Q_XGETNEXTQUOTA", fixed(3, 112)),
)

func quota(nr int, name string, cmdArg uint8) Row {
	r := many(nr, name, Unmodelled, cmdArg, quotaCommands)
	r.CmdMask = 0xffffff00
	return r
}

// syslogCommands (syslog(2)); only reading the log writes anything.
var syslogCommands = supervised(
	cmd(0, "SYSLOG_ACTION_CLOSE"),
	cmd(1, "SYSLOG_ACTION_OPEN"),
	cmd(2, "SYSLOG_ACTION_READ", result(1, 2).len32()).sleeps(),
	cmd(3, "SYSLOG_ACTION_READ_ALL", result(1, 2).len32()),
	cmd(4, "SYSLOG_ACTION_READ_CLEAR", result(1, 2).len32()),
	cmd(5, "SYSLOG_ACTION_CLEAR"),
	cmd(6, "SYSLOG_ACTION_CONSOLE_OFF"),
	cmd(7, "SYSLOG_ACTION_CONSOLE_ON"),
	cmd(8, "SYSLOG_ACTION_CONSOLE_LEVEL"),
	cmd(9, "SYSLOG_ACTION_SIZE_UNREAD"),
	cmd(10, "SYSLOG_ACTION_SIZE_BUFFER"),
)

// sysfsCommands (sysfs(2)).
var sysfsCommands = supervised(
	cmd(1, "index by name"),
	cmdAs(2, "name by index", Unmodelled).note("a string of unknown length"),
	cmd(3, "number of types"),
)
