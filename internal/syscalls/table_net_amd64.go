package syscalls

const msgDontwait = 0x40 // MSG_DONTWAIT

// sockoptCommands are the options whose length is not in bytes. The number
// alone, which other levels have, too, makes the table cover more.
var sockoptCommands = []Command{
	cmd(26, "SO_GET_FILTER", filter(3, 4), fixed(4, 4).always().lax()).
		note("the length counts instructions (net/core/filter.c, sk_get_filter)"),
}

// filter is a value-result array of struct sock_filter.
func filter(arg, lenArg uint8) Output {
	o := valueResult(arg, lenArg).lax()
	o.Scale = 8
	return o
}

// netRows are calls on sockets.
var netRows = []Row{
	data(41, "socket"),
	sleeps(42, "connect"),
	sleeps(43, "accept", valueResult(1, 2), fixed(2, 4)),
	sleeps(44, "sendto").unless(3, msgDontwait),
	sleeps(45, "recvfrom", result(1, 2), valueResult(4, 5), fixed(5, 4)).unless(3, msgDontwait),
	sleeps(46, "sendmsg").unless(2, msgDontwait),
	sleeps(47, "recvmsg", of(OutMsghdr, 1, 0)).unless(2, msgDontwait),
	data(48, "shutdown"),
	data(49, "bind"),
	data(50, "listen"),
	data(51, "getsockname", valueResult(1, 2), fixed(2, 4)),
	data(52, "getpeername", valueResult(1, 2), fixed(2, 4)),
	// The kernel writes the descriptors before it makes the sockets (net/socket.c).
	data(53, "socketpair", fixed(3, 8).always().lax()),
	data(54, "setsockopt"),
	// SO_PEERSEC and SO_PEERGROUPS report the length needed with ERANGE.
	data(55, "getsockopt", valueResult(3, 4), fixed(4, 4).always().lax()).
		by(2, sockoptCommands).
		note("TCP_ZEROCOPY_RECEIVE maps pages into a mapping of the socket"),
	sleeps(288, "accept4", valueResult(1, 2), fixed(2, 4)),
	sleeps(299, "recvmmsg", of(OutMmsghdr, 1, 2).len32(), fixed(4, 16).positive()).unless(3, msgDontwait),
	sleeps(307, "sendmmsg", of(OutMmsgLen, 1, 2).len32()).unless(3, msgDontwait),
}
