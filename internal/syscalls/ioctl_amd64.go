package syscalls

import (
	"fmt"
	"slices"
)

// ioctlCommands: argument 2 is the pointer. Requests are as on x86-64, where
// _IOC puts the direction at bit 30, the size at 16, the type at 8.
var ioctlCommands = slices.Concat(ttyIoctls, fileIoctls, blockIoctls, netIoctls, deviceIoctls)

// genericIoctl guesses from the request's number. A structure can contain
// pointers to more memory, so a guess is never Data.
func genericIoctl(req uint32) Effect {
	e := Effect{Name: fmt.Sprintf("ioctl %#x", req), Class: Unmodelled, Blocks: true, Generic: true}
	const iocRead = 2
	if size := req >> 16 & 0x3fff; req>>30&iocRead != 0 && size > 0 {
		e.Out = []Output{fixed(2, size).lax().sparse()}
	}
	return e
}

// Ioctl returns the entry for a request.
func Ioctl(req uint32) (*Command, bool) {
	for i := range ioctlCommands {
		if ioctlCommands[i].Cmd == uint64(req) {
			return &ioctlCommands[i], true
		}
	}
	return nil, false
}

// get is an ioctl that fills size bytes.
func get(req uint64, name string, size uint32) Command { return cmd(req, name, fixed(2, size)) }

var ttyIoctls = []Command{
	get(0x5401, "TCGETS", 36),
	cmd(0x5402, "TCSETS"),
	cmd(0x5403, "TCSETSW").sleeps(),
	cmd(0x5404, "TCSETSF").sleeps(),
	get(0x5405, "TCGETA", 18),
	cmd(0x5406, "TCSETA"),
	cmd(0x5407, "TCSETAW").sleeps(),
	cmd(0x5408, "TCSETAF").sleeps(),
	cmd(0x5409, "TCSBRK").sleeps(),
	cmd(0x540a, "TCXONC"),
	cmd(0x540b, "TCFLSH"),
	cmd(0x540c, "TIOCEXCL"),
	cmd(0x540d, "TIOCNXCL"),
	cmd(0x540e, "TIOCSCTTY"),
	get(0x540f, "TIOCGPGRP", 4),
	cmd(0x5410, "TIOCSPGRP"),
	get(0x5411, "TIOCOUTQ", 4),
	cmd(0x5412, "TIOCSTI"),
	get(0x5413, "TIOCGWINSZ", 8),
	cmd(0x5414, "TIOCSWINSZ"),
	get(0x5415, "TIOCMGET", 4),
	cmd(0x5416, "TIOCMBIS"),
	cmd(0x5417, "TIOCMBIC"),
	cmd(0x5418, "TIOCMSET"),
	get(0x5419, "TIOCGSOFTCAR", 4),
	cmd(0x541a, "TIOCSSOFTCAR"),
	get(0x541b, "FIONREAD", 4),
	cmd(0x541d, "TIOCCONS"),
	get(0x541e, "TIOCGSERIAL", 72),
	cmd(0x541f, "TIOCSSERIAL"),
	cmd(0x5420, "TIOCPKT"),
	cmd(0x5421, "FIONBIO"),
	cmd(0x5422, "TIOCNOTTY"),
	cmd(0x5423, "TIOCSETD"),
	get(0x5424, "TIOCGETD", 4),
	cmd(0x5425, "TCSBRKP").sleeps(),
	cmd(0x5427, "TIOCSBRK"),
	cmd(0x5428, "TIOCCBRK"),
	get(0x5429, "TIOCGSID", 4),
	get(0x802c542a, "TCGETS2", 44),
	cmd(0x402c542b, "TCSETS2"),
	cmd(0x402c542c, "TCSETSW2").sleeps(),
	cmd(0x402c542d, "TCSETSF2").sleeps(),
	get(0x542e, "TIOCGRS485", 32),
	get(0x542f, "TIOCSRS485", 32),
	get(0x80045430, "TIOCGPTN", 4),
	cmd(0x40045431, "TIOCSPTLCK"),
	get(0x80045432, "TIOCGDEV", 4),
	cmd(0x40045436, "TIOCSIG"),
	cmd(0x5437, "TIOCVHANGUP"),
	get(0x80045438, "TIOCGPKT", 4),
	get(0x80045439, "TIOCGPTLCK", 4),
	get(0x80045440, "TIOCGEXCL", 4),
	cmd(0x5441, "TIOCGPTPEER"),
	cmd(0x5450, "FIONCLEX"),
	cmd(0x5451, "FIOCLEX"),
	cmd(0x5452, "FIOASYNC"),
	get(0x5459, "TIOCSERGETLSR", 4),
	cmd(0x545c, "TIOCMIWAIT").sleeps(),
	get(0x545d, "TIOCGICOUNT", 80),
	get(0x5460, "FIOQSIZE", 8),
}

// FS_IOC_GETFLAGS and FS_IOC_GETVERSION say long in their number, but transfer
// an int (fs/file_attr.c).
var fileIoctls = []Command{
	get(1, "FIBMAP", 4),
	get(2, "FIGETBSZ", 4),
	cmd(0xc0045877, "FIFREEZE"),
	cmd(0xc0045878, "FITHAW"),
	get(0xc0185879, "FITRIM", 24),
	cmd(0x40049409, "FICLONE"),
	cmd(0x4020940d, "FICLONERANGE"),
	get(0x80086601, "FS_IOC_GETFLAGS", 4),
	cmd(0x40086602, "FS_IOC_SETFLAGS"),
	get(0x80087601, "FS_IOC_GETVERSION", 4),
	cmd(0x40087602, "FS_IOC_SETVERSION"),
	get(0x801c581f, "FS_IOC_FSGETXATTR", 28),
	cmd(0x401c5820, "FS_IOC_FSSETXATTR"),
	get(0x81009431, "FS_IOC_GETFSLABEL", 256),
	cmd(0x41009432, "FS_IOC_SETFSLABEL"),
	get(0x80111500, "FS_IOC_GETFSUUID", 17),
	get(0x80811501, "FS_IOC_GETFSSYSFSPATH", 129),
	cmd(0x40305828, "FS_IOC_RESVSP"),
	cmd(0x4030582a, "FS_IOC_RESVSP64"),
}

var blockIoctls = []Command{
	cmd(0x125d, "BLKROSET"),
	get(0x125e, "BLKROGET", 4),
	cmd(0x125f, "BLKRRPART"),
	get(0x1260, "BLKGETSIZE", 8),
	cmd(0x1261, "BLKFLSBUF"),
	cmd(0x1262, "BLKRASET"),
	get(0x1263, "BLKRAGET", 8),
	get(0x1265, "BLKFRAGET", 8),
	get(0x1267, "BLKSECTGET", 2),
	get(0x1268, "BLKSSZGET", 4),
	get(0x80081270, "BLKBSZGET", 4),
	cmd(0x40081271, "BLKBSZSET"),
	get(0x80081272, "BLKGETSIZE64", 8),
	cmd(0x1277, "BLKDISCARD"),
	get(0x1278, "BLKIOMIN", 4),
	get(0x1279, "BLKIOOPT", 4),
	get(0x127a, "BLKALIGNOFF", 4),
	get(0x127b, "BLKPBSZGET", 4),
	get(0x127c, "BLKDISCARDZEROES", 4),
	cmd(0x127d, "BLKSECDISCARD"),
	get(0x127e, "BLKROTATIONAL", 2),
	cmd(0x127f, "BLKZEROOUT"),
	get(0x80081280, "BLKGETDISKSEQ", 8),
	get(0x80041284, "BLKGETZONESZ", 4),
	get(0x80041285, "BLKGETNRZONES", 4),
	get(0x301, "HDIO_GETGEO", 16),
	cmd(0x4c00, "LOOP_SET_FD"),
	cmd(0x4c01, "LOOP_CLR_FD"),
	cmd(0x4c04, "LOOP_SET_STATUS64"),
	get(0x4c05, "LOOP_GET_STATUS64", 232),
	cmd(0x4c07, "LOOP_SET_CAPACITY"),
	cmd(0x4c0a, "LOOP_CONFIGURE"),
	cmd(0x4c82, "LOOP_CTL_GET_FREE"),
}

const sizeofIfreq = 40

var netIoctls = []Command{
	cmd(0x8901, "FIOSETOWN"),
	cmd(0x8902, "SIOCSPGRP"),
	get(0x8903, "FIOGETOWN", 4),
	get(0x8904, "SIOCGPGRP", 4),
	get(0x8905, "SIOCATMARK", 4),
	get(0x8906, "SIOCGSTAMP_OLD", 16),
	get(0x8907, "SIOCGSTAMPNS_OLD", 16),
	get(0x80108906, "SIOCGSTAMP_NEW", 16),
	get(0x80108907, "SIOCGSTAMPNS_NEW", 16),
	cmd(0x890b, "SIOCADDRT"),
	cmd(0x890c, "SIOCDELRT"),
	get(0x8910, "SIOCGIFNAME", sizeofIfreq),
	cmd(0x8912, "SIOCGIFCONF", of(OutIfconf, 2, 0)),
	get(0x8913, "SIOCGIFFLAGS", sizeofIfreq),
	cmd(0x8914, "SIOCSIFFLAGS"),
	get(0x8915, "SIOCGIFADDR", sizeofIfreq),
	cmd(0x8916, "SIOCSIFADDR"),
	get(0x8917, "SIOCGIFDSTADDR", sizeofIfreq),
	cmd(0x8918, "SIOCSIFDSTADDR"),
	get(0x8919, "SIOCGIFBRDADDR", sizeofIfreq),
	cmd(0x891a, "SIOCSIFBRDADDR"),
	get(0x891b, "SIOCGIFNETMASK", sizeofIfreq),
	cmd(0x891c, "SIOCSIFNETMASK"),
	get(0x891d, "SIOCGIFMETRIC", sizeofIfreq),
	cmd(0x891e, "SIOCSIFMETRIC"),
	get(0x891f, "SIOCGIFMEM", sizeofIfreq),
	get(0x8921, "SIOCGIFMTU", sizeofIfreq),
	cmd(0x8922, "SIOCSIFMTU"),
	cmd(0x8923, "SIOCSIFNAME"),
	cmd(0x8924, "SIOCSIFHWADDR"),
	get(0x8927, "SIOCGIFHWADDR", sizeofIfreq),
	get(0x8929, "SIOCGIFSLAVE", sizeofIfreq),
	cmd(0x8931, "SIOCADDMULTI"),
	cmd(0x8932, "SIOCDELMULTI"),
	get(0x8933, "SIOCGIFINDEX", sizeofIfreq),
	get(0x8935, "SIOCGIFPFLAGS", sizeofIfreq),
	get(0x8938, "SIOCGIFCOUNT", sizeofIfreq),
	get(0x8942, "SIOCGIFTXQLEN", sizeofIfreq),
	cmd(0x8943, "SIOCSIFTXQLEN"),
	get(0x8947, "SIOCGMIIPHY", sizeofIfreq),
	get(0x8948, "SIOCGMIIREG", sizeofIfreq),
	get(0x894b, "SIOCOUTQNSD", 4),
	cmd(0x894c, "SIOCGSKNS"),
	cmd(0x8953, "SIOCDARP"),
	get(0x8954, "SIOCGARP", 68),
	cmd(0x8955, "SIOCSARP"),
	get(0x8970, "SIOCGIFMAP", sizeofIfreq),
	get(0x8b01, "SIOCGIWNAME", 32),
	// _IOW by its number, but the name chosen is written back.
	get(0x400454ca, "TUNSETIFF", sizeofIfreq),
	get(0x800454cf, "TUNGETFEATURES", 4),
	get(0x800454d2, "TUNGETIFF", sizeofIfreq),
}

var deviceIoctls = []Command{
	get(0x80045200, "RNDGETENTCNT", 4),
	get(0x80247009, "RTC_RD_TIME", 36),
	cmd(0xb701, "NS_GET_USERNS"),
	cmd(0xb702, "NS_GET_PARENT"),
	cmd(0xb703, "NS_GET_NSTYPE"),
	get(0xb704, "NS_GET_OWNER_UID", 4),
	cmd(0x40085400, "TFD_IOC_SET_TICKS"),
	cmd(0x2400, "PERF_EVENT_IOC_ENABLE"),
	cmd(0x2401, "PERF_EVENT_IOC_DISABLE"),
	cmd(0x2403, "PERF_EVENT_IOC_RESET"),
	get(0x80082407, "PERF_EVENT_IOC_ID", 8),
	get(0x4b33, "KDGKBTYPE", 1),
	cmd(0x4b3a, "KDSETMODE"),
	get(0x4b3b, "KDGETMODE", 4),
	get(0x4b44, "KDGKBMODE", 4),
	cmd(0x4b45, "KDSKBMODE"),
	get(0x5600, "VT_OPENQRY", 4),
	get(0x5601, "VT_GETMODE", 8),
	get(0x5603, "VT_GETSTATE", 6),
	cmd(0x5606, "VT_ACTIVATE"),
	cmd(0x5607, "VT_WAITACTIVE").sleeps(),
}
