package syscalls

import "syscall"

// deviceIoctls are those of single devices. More are in ioctlFamilies.
var deviceIoctls = supervised(
	cmd(0x40045201, "RNDADDTOENTCNT"),
	cmd(0x40085203, "RNDADDENTROPY"),
	cmd(0x5204, "RNDZAPENTCNT"),
	cmd(0x5206, "RNDCLEARPOOL"),
	cmd(0x5207, "RNDRESEEDCRNG"),
	get(0x80045200, "RNDGETENTCNT", 4),
	// _IOW by its number, but it answers in the structure.
	get(0x40187013, "RTC_PARAM_GET", 24),
	get(0xb704, "NS_GET_OWNER_UID", 4),
	cmd(0x40085400, "TFD_IOC_SET_TICKS"),
	cmd(0x2400, "PERF_EVENT_IOC_ENABLE"),
	cmd(0x2401, "PERF_EVENT_IOC_DISABLE"),
	cmd(0x2402, "PERF_EVENT_IOC_REFRESH"),
	cmd(0x2403, "PERF_EVENT_IOC_RESET"),
	cmd(0x40082404, "PERF_EVENT_IOC_PERIOD"),
	cmd(0x2405, "PERF_EVENT_IOC_SET_OUTPUT"),
	cmd(0x40082406, "PERF_EVENT_IOC_SET_FILTER"),
	get(0x80082407, "PERF_EVENT_IOC_ID", 8),
	cmd(0x40042408, "PERF_EVENT_IOC_SET_BPF"),
	cmd(0x40042409, "PERF_EVENT_IOC_PAUSE_OUTPUT"),
	// The number has a pointer's size; ids_len is the first word.
	cmd(0xc008240a, "PERF_EVENT_IOC_QUERY_BPF", queryBPF),
	cmd(0x4008240b, "PERF_EVENT_IOC_MODIFY_ATTRIBUTES"),
	// The effect's number is written back (drivers/input/evdev.c).
	get(0x40304580, "EVIOCSFF", 4),
	cmdAs(0x80104592, "EVIOCGMASK", Unmodelled).note("the structure points to the mask"),
	get(0xc0502100, "SECCOMP_IOCTL_NOTIF_RECV", 80).sleeps(),
	get(0xc0182101, "SECCOMP_IOCTL_NOTIF_SEND", 24),
	cmd(0x40082102, "SECCOMP_IOCTL_NOTIF_ID_VALID"),
	cmd(0x40182103, "SECCOMP_IOCTL_NOTIF_ADDFD").sleeps(),
	cmd(0x40082104, "SECCOMP_IOCTL_NOTIF_SET_FLAGS"),
	cmd(0x40086200, "DMA_BUF_IOCTL_SYNC").sleeps(),
	get(0x4600, "FBIOGET_VSCREENINFO", 160),
	get(0x4601, "FBIOPUT_VSCREENINFO", 160),
	get(0x4602, "FBIOGET_FSCREENINFO", 80),
	get(0x4606, "FBIOPAN_DISPLAY", 160),
	cmd(0x4611, "FBIOBLANK"),
	cmd(0x40044620, "FBIO_WAITFORVSYNC").sleeps(),
	cmd(0xaa00, "USERFAULTFD_IOC_NEW").note("as userfaultfd(2)"),
	get(0xc018aa3f, "UFFDIO_API", 24),
	get(0xc020aa00, "UFFDIO_REGISTER", 32),
	cmd(0x8010aa01, "UFFDIO_UNREGISTER"),
	cmd(0x8010aa02, "UFFDIO_WAKE"),
	get(0xc028aa03, "UFFDIO_COPY", 40),
	get(0xc020aa04, "UFFDIO_ZEROPAGE", 32),
	get(0xc028aa05, "UFFDIO_MOVE", 40),
	cmd(0xc018aa06, "UFFDIO_WRITEPROTECT"),
	cmdAs(0xc020aa07, "UFFDIO_CONTINUE", Memory).refuse(syscall.EINVAL, "of shared memory"),
	cmdAs(0xc020aa08, "UFFDIO_POISON", Memory).refuse(syscall.EINVAL, "accesses would fail that succeed in replay"),
)

var queryBPF = table(2, 8, 4, 0).always().lax().sparse()
