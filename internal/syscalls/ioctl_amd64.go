package syscalls

import (
	"fmt"
	"slices"
)

// ioctlCommands are the requests that are known one by one. Argument 2 is the pointer. Requests are as on x86-64, where
// _IOC puts the direction at bit 30, the size at 16, the type at 8.
var ioctlCommands = slices.Concat(ttyIoctls, fileIoctls, blockIoctls, netIoctls,
	consoleIoctls, extentIoctls, diskIoctls, deviceNetIoctls, deviceIoctls)

// An ioctlFamily is the requests of one type that have no line of their own.
type ioctlFamily struct {
	Type     uint8
	From, To uint8 // numbers
	Name     string
	// Class is Data where the size in the request is all that is written,
	// since the structures contain no pointers, and Unmodelled elsewhere.
	Class Class
}

// ioctlFamilies: the first that a request belongs to holds
// (Documentation/userspace-api/ioctl/ioctl-number.rst).
var ioctlFamilies = []ioctlFamily{
	{'E', 0x00, 0xff, "input devices (EVIOC*)", Data},
	{'H', 0x01, 0x1f, "HID devices (HIDIOC*)", Data},
	{'W', 0x00, 0x0b, "watchdogs (WDIOC_*)", Data},
	{'j', 0x00, 0x3f, "joysticks (JSIOC*)", Data},
	{'p', 0x01, 0x14, "real-time clocks (RTC_*)", Data},
	{'t', 0x34, 0x5b, "PPP (PPPIOC*)", Data},
	{0xb4, 0x00, 0x0f, "GPIO lines (GPIO_*)", Data},
	{0xb7, 0x00, 0xff, "namespaces (NS_*)", Data},
	{0xff, 0x00, 0xff, "pidfds (PIDFD_*)", Data},

	{'A', 0x00, 0xff, "sound (SNDRV_PCM_*)", Unmodelled},
	{'N', 0x40, 0x7f, "NVMe (NVME_IOCTL_*)", Unmodelled},
	{'P', 0x00, 0xff, "sound (SNDCTL_DSP_*)", Unmodelled},
	{'U', 0x00, 0xff, "USB devices and sound controls (USBDEVFS_*, SNDRV_CTL_*)", Unmodelled},
	{'V', 0x00, 0xff, "video devices (VIDIOC_*)", Unmodelled},
	{'d', 0x00, 0xff, "graphics (DRM_IOCTL_*)", Unmodelled},
	{0x8b, 0x00, 0xff, "wireless interfaces (SIOCGIW*)", Unmodelled},
	{0x94, 0x00, 0xff, "btrfs (BTRFS_IOC_*)", Unmodelled},
	{0xae, 0x00, 0xff, "virtual machines (KVM_*)", Unmodelled},
	{0xaf, 0x00, 0xff, "vhost (VHOST_*)", Unmodelled},
	{0xfd, 0x00, 0xff, "device mapper (DM_*)", Unmodelled},
}

// genericIoctl resolves a request that has no line of its own from its number.
// A structure can contain pointers to more memory, so for a type that is not
// known to have none, the outputs are only a guess.
func genericIoctl(req uint32) Effect {
	e := Effect{Name: fmt.Sprintf("ioctl %#x", req), Class: Unmodelled}
	if f := familyOf(req); f != nil {
		e.Class, e.Note = f.Class, f.Name
	}
	if e.Class == Unmodelled {
		e.Generic, e.Blocks = true, true
	}
	const iocRead = 2
	if size := req >> 16 & 0x3fff; req>>30&iocRead != 0 && size > 0 {
		e.Out = []Output{fixed(2, size).always().lax().sparse()}
	}
	return e
}

func familyOf(req uint32) *ioctlFamily {
	for i := range ioctlFamilies {
		if f := &ioctlFamilies[i]; f.Type == uint8(req>>8) && f.From <= uint8(req) && uint8(req) <= f.To {
			return f
		}
	}
	return nil
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

// supervised are rare commands, which need no stub. Some of them write to their
// structure although they fail.
func supervised(cs ...Command) []Command {
	for i := range cs {
		cs[i].Fast = false
		for j := range cs[i].Out {
			cs[i].Out[j].Cond, cs[i].Out[j].Lax = CondAlways, true
		}
	}
	return cs
}
